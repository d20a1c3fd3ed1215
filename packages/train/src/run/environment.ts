import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Engine } from "@regnet/engine";
import type { RunSpec } from "./spec.js";

/** What a run's numbers depend on besides its spec. */
export function environmentOf(engine: Engine, threads: number | undefined): RunSpec["environment"] {
  const found = engine.probe();
  const processors = cpus();
  return {
    regnet: version(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    engine: engine.id,
    engineVersion: found.available ? found.version : "unknown",
    instructionSet: found.available ? found.instructionSet : "unknown",
    threads: threads ?? (found.available ? found.threads : 1),
  };
}

function version(): string {
  const manifest = readFileSync(new URL(import.meta.resolve("@regnet/train/package.json")), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
