import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { randomName } from "@regnet/train/files";
import * as z from "zod";

/** Who holds a claim: enough to tell whether that very process still lives, wherever one looks from. */
export const ownerSchema = z
  .strictObject({
    host: z.string(),
    pid: z.number().int().positive(),
    /** When the process began, in the kernel's own ticks since its boot: a reused pid differs in it. */
    startTime: z.string(),
    /** Boot and process namespace; pids compare only where this is equal. */
    machine: z.string(),
    /** Differs for every claim. */
    token: z.string(),
    /** Array task under Slurm, and how often it was requeued; for people. */
    job: z.strictObject({ id: z.string(), incarnation: z.number().int().nonnegative() }).readonly().optional(),
  })
  .readonly();

export type Owner = z.output<typeof ownerSchema>;

/** This process, as the owner of a new claim. */
export function thisOwner(): Owner {
  const job = thisJob();
  return {
    host: hostname(),
    pid: process.pid,
    startTime: ownStart(),
    machine: machineId(),
    token: randomName(),
    ...(job && { job }),
  };
}

/** Whether the owner is known to be `alive` or `gone`, or `unknown` from here: then its heartbeat must tell. */
export function ownerState(owner: Owner): "alive" | "gone" | "unknown" {
  if (owner.machine !== machineId()) return "unknown";
  const found = startTime(owner.pid);
  if (found === HIDDEN) return "unknown";
  return found === owner.startTime ? "alive" : "gone";
}

/** In place of the start of a live process that other people's eyes are kept from. */
const HIDDEN = "hidden";

let ownStartTime: string | undefined;
function ownStart(): string {
  ownStartTime ??= startTime(process.pid) ?? "unknown";
  return ownStartTime;
}

/** Start of a live process, from /proc where there is one; elsewhere only whether it lives. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    if (!lives(pid)) return undefined;
    return process.platform === "linux" ? HIDDEN : "unknown";
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

let machine: string | undefined;
function machineId(): string {
  machine ??= [hostname(), firstLine("/proc/sys/kernel/random/boot_id"), namespace()].join(" ");
  return machine;
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function thisJob(): Owner["job"] {
  const { SLURM_ARRAY_JOB_ID, SLURM_ARRAY_TASK_ID, SLURM_JOB_ID, SLURM_RESTART_COUNT = "0" } = process.env;
  const id = SLURM_ARRAY_JOB_ID ? `${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}` : SLURM_JOB_ID;
  return id ? { id, incarnation: Number(SLURM_RESTART_COUNT) || 0 } : undefined;
}
