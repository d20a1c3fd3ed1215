import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { StudyLayout } from "./layout.js";
import type { StudyStatus } from "./status.js";

/** `status.json`: what was found when the study was last looked at, and what that followed from. */
export interface Rest {
  readonly version: 1;
  readonly inputs: string;
  readonly index: string;
  readonly status: StudyStatus;
}

/** Nanoseconds: more than any file system's clock is coarse. */
const JUST_NOW = 2_500_000_000n;

/**
 * The status of a study at which nobody works, as it was last found; undefined where anything may have changed since. It
 * takes no checking of documents and no database, which a command would load for longer than it looks.
 */
export function restingStatus(folder: string): StudyStatus | undefined {
  const layout = new StudyLayout(resolve(folder));
  const rest = readRest(layout);
  const known = rest?.version === 1 && rest.inputs === inputsOf(layout) && rest.index === stampOf(layout.index);
  return known ? { ...rest.status, folder: layout.folder } : undefined;
}

/**
 * All that the status of a study follows from while nobody works at it: its documents, who has coordinated it, and when a
 * trial's folder was last made or removed. Undefined where it may not be at rest.
 */
export function inputsOf(layout: StudyLayout): string | undefined {
  const trials = settledStamp(layout.trials);
  if (trials === undefined || existsSync(layout.slurm) || filesOf(layout.begun).length > 0) return undefined;
  const { folder, name } = layout.coordinator;
  const claims = filesOf(folder).filter((file) => file.startsWith(`${name}.`));
  const coordinators = claims.sort().map((file) => `${file} ${stampOf(join(folder, file))}`);
  const documents = [layout.spec, layout.sampled, layout.started].map(textOf);
  return JSON.stringify([...documents, trials, ...coordinators]);
}

/** When a file was last changed, and its size; empty where there is none. */
export function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.mtimeNs} ${stats.size}` : "";
}

/**
 * When the last file in a folder was made or removed. Undefined where that was just now: one more may be made or removed
 * without another time being told.
 */
export function settledStamp(folder: string): string | undefined {
  const changed = statSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  if (changed === undefined || BigInt(Date.now()) * 1_000_000n - changed < JUST_NOW) return undefined;
  return String(changed);
}

function readRest(layout: StudyLayout): Rest | undefined {
  try {
    return JSON.parse(readFileSync(layout.status, "utf8")) as Rest;
  } catch {
    return undefined;
  }
}

function filesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
