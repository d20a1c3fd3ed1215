import type { Availability } from "@regnet/engine";
import { formatBytes } from "../quantities.js";
import type { CacheState, Diagnosis } from "./examine.js";

/** A diagnosis for the terminal, ending with the one command that would make this machine faster. */
export function formatDiagnosis(found: Diagnosis): string {
  const { processor, processors, threads, memory, node, platform, engines, chosen, cache } = found;
  const lines = [
    `machine   ${processor}, ${plural(processors, "processor")}, ${formatBytes(memory)} of memory`,
    `          ${platform}, Node ${node}; a network runs on ${plural(threads, "thread")} unless told otherwise`,
    ...engines.map((engine, i) => `${i === 0 ? "engines   " : "          "}${engineLine(engine, chosen)}`),
    `data      ${cacheLine(cache)}`,
  ];
  return `${lines.join("\n")}\n\n${verdict(found)}`;
}

function engineLine(engine: Availability, chosen: string | undefined): string {
  if (!engine.available) return `✗ ${engine.engine}: ${engine.reason}`;
  const { engine: id, version, instructionSet, precisions, ownKernels } = engine;
  const kernels = ownKernels ? ", kernels of our own" : "";
  const mark = id === chosen ? ", the one that auto takes" : "";
  return `✓ ${id} ${version} (${instructionSet}), ${precisions.join(" and ")}${kernels}${mark}`;
}

function cacheLine({ folder, bytes, entries, writable }: CacheState): string {
  const content = entries > 0 ? `${plural(entries, "file")}, ${formatBytes(bytes)}` : "empty";
  const warning = writable ? "" : "; cannot be written: set REGNET_CACHE to a folder that can";
  return `cache ${folder}: ${content}${warning}`;
}

function verdict({ chosen, remedy }: Diagnosis): string {
  if (!chosen) return `No engine can run here. ${remedy ? `This would change it:\n  ${remedy}` : ""}`.trim();
  if (remedy) return `This would make it faster:\n  ${remedy}`;
  return "The fastest engine is in use. To see how fast: regnet bench RegNetX-400MF --profile";
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
