import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Owner, ownerSchema, ownerState, thisOwner } from "./owner.js";
import { createExclusively, explainStorage, readJson, systemCode, writeAtomically } from "./storage.js";

const claimRecordSchema = z.strictObject({
  owner: ownerSchema,
  /** Seconds between the owner's heartbeats. */
  interval: z.number().positive(),
  /** How far the work was when this claim began it, for instance steps. */
  from: z.number().int().nonnegative(),
  /**
   * How the owner gave it back, or that it was seen to die. Absent while it is held, and for ever where whoever started it
   * ended as well: a power cut is no fault of the work.
   */
  released: z.enum(["finished", "stopped", "crashed"]).optional(),
});

/** The text of a claim file. */
export type ClaimRecord = z.output<typeof claimRecordSchema>;
/** How a claim was given back. */
export type Release = NonNullable<ClaimRecord["released"]>;

/** One generation of a claim as found on disk. `record` is absent where the file is torn. */
export interface FoundClaim {
  readonly generation: number;
  readonly record?: ClaimRecord;
  /** Where its owner's heartbeat is. */
  readonly heartbeat: string;
}

/** What a claim is for: a folder, and the name of the claim's files in it: `claim.1`, `claim.2`, … */
export interface ClaimPlace {
  readonly folder: string;
  readonly name: string;
}

/**
 * The right to work on something, held by one process at a time.
 *
 * Every holder creates the file of the next generation, which only one process can do; nobody ever removes the newest
 * one. So there is no moment at which two can think that they hold it, and the files tell the history of attempts.
 */
export class Claim {
  private constructor(
    private readonly place: ClaimPlace,
    readonly generation: number,
    private readonly record: ClaimRecord,
  ) {}

  /** Takes over from `previous`, which the caller knows to be released or dead. Undefined where another was faster. */
  static take(place: ClaimPlace, previous: FoundClaim | undefined, interval: number, from = 0): Claim | undefined {
    const generation = (previous?.generation ?? 0) + 1;
    const record: ClaimRecord = { owner: thisOwner(), interval, from };
    if (!createExclusively(fileOf(place, generation), `${JSON.stringify(record)}\n`, false)) return undefined;
    const claim = new Claim(place, generation, record);
    if (claim.isNewest()) return claim;
    claim.release("stopped");
    return undefined;
  }

  /** How far the work was when this claim began it. */
  get from(): number {
    return this.record.from;
  }

  get heartbeat(): string {
    return heartbeatOf(this.place, this.generation);
  }

  /** Whether no other process has taken over in the belief that this one is dead. */
  isNewest(): boolean {
    return newestGeneration(this.place) === this.generation;
  }

  /** Whether another process has taken over: unlike a folder that is gone, a reason to leave all to it. */
  isSuperseded(): boolean {
    return newestGeneration(this.place) > this.generation;
  }

  /** Removes the files of an earlier generation, where its history is of no use. */
  forget(earlier: FoundClaim): void {
    if (earlier.generation >= this.generation) return;
    rmSync(fileOf(this.place, earlier.generation), { force: true });
    rmSync(earlier.heartbeat, { force: true });
  }

  /** Gives it back. The file stays as the record of this attempt. */
  release(released: Release): void {
    writeAtomically(fileOf(this.place, this.generation), `${JSON.stringify({ ...this.record, released })}\n`);
  }
}

/** The newest claim of a place, or undefined where there never was one. */
export function newestClaim(place: ClaimPlace): FoundClaim | undefined {
  const generation = newestGeneration(place);
  return generation === 0 ? undefined : findClaim(place, generation);
}

/** Records of a holder that it died at its work, as whoever started it saw. @returns whether it held the place till then */
export function recordCrash(place: ClaimPlace): boolean {
  const { generation, record } = newestClaim(place) ?? {};
  if (!generation || !record || record.released) return false;
  writeAtomically(fileOf(place, generation), `${JSON.stringify({ ...record, released: "crashed" })}\n`);
  return true;
}

/** One generation, as it is on disk. */
export function findClaim(place: ClaimPlace, generation: number): FoundClaim {
  const parsed = claimRecordSchema.safeParse(readJson(fileOf(place, generation)));
  const heartbeat = heartbeatOf(place, generation);
  return parsed.success ? { generation, record: parsed.data, heartbeat } : { generation, heartbeat };
}

/** Whether the claim's holder is working, has given it back or died, or cannot be known from here. */
export function claimState(claim: FoundClaim | undefined): "free" | "held" | "unknown" {
  if (claim === undefined || claim.record?.released) return "free";
  if (claim.record === undefined) return "unknown";
  const state = ownerState(claim.record.owner);
  return state === "gone" ? "free" : state === "alive" ? "held" : "unknown";
}

/** The holder in words, for messages. */
export function describeOwner(owner: Owner | undefined): string {
  return owner ? `process ${owner.pid} on ${owner.host}` : "another process";
}

function newestGeneration({ folder, name }: ClaimPlace): number {
  let newest = 0;
  for (const file of listFolder(folder)) {
    if (file.startsWith(`${name}.`)) newest = Math.max(newest, generationOf(file.slice(name.length + 1)));
  }
  return newest;
}

function generationOf(text: string): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw explainStorage(error, folder);
  }
}

function fileOf({ folder, name }: ClaimPlace, generation: number): string {
  return join(folder, `${name}.${generation}`);
}

function heartbeatOf(place: ClaimPlace, generation: number): string {
  return `${fileOf(place, generation)}.beat`;
}
