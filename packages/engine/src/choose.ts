import { RegnetError, unknown } from "@regnet/core";
import type { Availability, Engine, EngineId } from "./engine.js";
import { onednn } from "./onednn/engine.js";
import { onnxruntime } from "./onnxruntime/index.js";

/** Every engine, fastest first. */
export const engines: readonly Engine[] = [onednn, onnxruntime];

/** An engine by name, or `auto`: the fastest that can run on this machine. */
export type EnginePreference = "auto" | EngineId;

/**
 * The engine of that name, or with `auto` the fastest that probes as available.
 *
 * @throws RegnetError (`missing`) when the named engine, or every engine, cannot run here; the text names the remedy
 */
export function chooseEngine(preference: EnginePreference = "auto"): Engine {
  return choose(engines, preference);
}

/** The engine of that name, whether or not it can run here. */
export function engineById(id: EngineId): Engine {
  const found = engines.find((engine) => engine.id === id);
  if (!found) throw unknown("engine", id, engineIds());
  return found;
}

function engineIds(): string[] {
  return engines.map(({ id }) => id);
}

/** `chooseEngine` over any list of engines, fastest first. */
export function choose(candidates: readonly Engine[], preference: EnginePreference): Engine {
  if (preference !== "auto" && !candidates.some(({ id }) => id === preference)) {
    throw unknown("engine", preference, ["auto", ...candidates.map(({ id }) => id)]);
  }
  const refused: string[] = [];
  for (const engine of candidates) {
    if (preference !== "auto" && engine.id !== preference) continue;
    const found = engine.probe();
    if (found.available) return engine;
    refused.push(`${engine.id} cannot run here: ${refusal(found)}`);
  }
  throw new RegnetError(`missing engine; ${refused.join("; ")}`, "missing", "engine");
}

function refusal({ reason, remedy }: Extract<Availability, { available: false }>): string {
  return remedy ? `${reason} (remedy: ${remedy})` : reason;
}
