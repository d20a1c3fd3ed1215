import { Worker } from "node:worker_threads";
import { builtModule } from "../builtModule.js";
import { claimState, type FoundClaim } from "./claim.js";
import { readText } from "./storage.js";

/** Heartbeats missed in a row before a holder that cannot be asked directly counts as dead. */
export const MISSED_BEATS = 4;
/** Seconds between heartbeats on a shared folder, and the least that another machine's are waited for: folders lag. */
export const SHARED_INTERVAL = 15;
/** Seconds between heartbeats on this machine. */
export const LOCAL_INTERVAL = 1;

/** What the heart's thread is told. */
export type HeartMessage = { readonly path: string | undefined } | "stop";

/**
 * Beats for the work that this process does, from a thread of its own, so that a long step of the engine does not look
 * like death: at every interval the heartbeat file gets the number of beats and how far the work is.
 */
export class Heart {
  private readonly shared = new Int32Array(new SharedArrayBuffer(8));
  private readonly thread: Worker;
  private readonly ended: Promise<void>;

  constructor(readonly interval: number) {
    this.thread = new Worker(builtModule("study/heartbeatThread.js"), {
      workerData: { shared: this.shared, interval },
      execArgv: [],
    });
    this.ended = new Promise((resolve) => this.thread.once("exit", () => resolve()));
    this.thread.unref();
    this.thread.on("error", () => undefined);
  }

  /** Beats into this file from the next interval on. */
  follow(path: string): void {
    this.shared[1] = 0;
    this.tell({ path });
  }

  /** The work went on. */
  advance(): void {
    Atomics.add(this.shared, 1, 1);
  }

  /** The work is over. */
  rest(): void {
    this.tell({ path: undefined });
  }

  async stop(): Promise<void> {
    this.thread.ref();
    this.tell("stop");
    Atomics.add(this.shared, 0, 1);
    Atomics.notify(this.shared, 0);
    await this.ended;
  }

  private tell(message: HeartMessage): void {
    this.thread.postMessage(message);
  }
}

/** A heartbeat file's content. */
export interface Beat {
  readonly beats: number;
  /** Counts steps; equal in two beats where the work stands still. */
  readonly progress: number;
}

/** The last beat, or undefined before the first. */
export function readBeat(path: string): Beat | undefined {
  const match = /^(\d+) (\d+) *$/.exec(readText(path)?.trimEnd() ?? "");
  return match ? { beats: Number(match[1]), progress: Number(match[2]) } : undefined;
}

/**
 * Tells dead holders from slow ones without looking at any wall clock: a heartbeat that did not change while this
 * process's own monotonic clock went on for several intervals is a dead one's. Keep one watch for a whole wait.
 */
export class HeartbeatWatch {
  private readonly seen = new Map<string, { readonly beats: number; readonly since: number }>();

  constructor(private readonly now: () => number = () => performance.now() / 1000) {}

  /** `unknown` until it has been watched for long enough. */
  judge(claim: FoundClaim | undefined): "free" | "held" | "unknown" {
    const state = claimState(claim);
    if (claim === undefined || state !== "unknown") return state;
    const beats = readBeat(claim.heartbeat)?.beats ?? 0;
    const before = this.seen.get(claim.heartbeat);
    if (before?.beats === beats) {
      return this.now() - before.since > patienceWith(claim) ? "free" : "unknown";
    }
    this.seen.set(claim.heartbeat, { beats, since: this.now() });
    return before ? "held" : "unknown";
  }
}

/** Seconds without a beat after which the holder of a claim on another machine counts as dead. */
export function patienceWith(claim: FoundClaim | undefined): number {
  return MISSED_BEATS * Math.max(SHARED_INTERVAL, claim?.record?.interval ?? 0);
}
