import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { RegnetError } from "@regnet/core";
import type { DataSetHandle } from "@regnet/train";
import { Claim, claimState, type FoundClaim, findClaim, newestClaim, type Release } from "./claim.js";
import { addError, errorTail } from "./errorTail.js";
import { type Heart, HeartbeatWatch, LOCAL_INTERVAL } from "./heartbeat.js";
import type { TrialLayout } from "./layout.js";
import { readResult, readTrial } from "./read.js";
import { createExclusively, explainStorage, StorageError, writeAtomically } from "./storage.js";
import { markStarted, requireSampled, type Study } from "./study.js";
import { StudyError, type Task } from "./task.js";
import { taskOf } from "./tasks.js";
import type { EpochMetrics, Trial, TrialResult } from "./trial.js";

/** A trial that crashes this often without getting any further has failed: the first time and three more. */
export const MOST_ATTEMPTS = 4;

export interface TrialOptions {
  /** Aborting it makes the trial leave a checkpoint and end as `stopped`. */
  readonly signal?: AbortSignal;
  /** Beats while the trial runs; without one, other machines cannot see that it lives. */
  readonly heart?: Heart;
  /** Told after every step, which a promise holds up. */
  readonly onStep?: () => void | Promise<void>;
  readonly onEpoch?: (metrics: EpochMetrics) => void;
  /** Where the images are, if it was found out before. Default: they are looked for, once a process. */
  readonly images?: DataSetHandle;
  /** Judges claims of other machines; keep one for several calls. */
  readonly watch?: HeartbeatWatch;
  /** In place of the study's own task, for tests. */
  readonly task?: Task;
}

/** What became of an attempt at a trial. */
export type TrialOutcome =
  /** It has its result now, or had it before. */
  | { readonly kind: "finished"; readonly result: TrialResult; readonly ran: boolean }
  /** It was stopped on request and can go on later. */
  | { readonly kind: "stopped" }
  /** Something unexpected was thrown. It is to be tried again. */
  | { readonly kind: "crashed"; readonly reason: string }
  /** Another process is at it, or may be: `unknown` until its heartbeat has been watched for long enough. */
  | { readonly kind: "held"; readonly claim: FoundClaim; readonly sure: boolean };

/**
 * Runs one trial to its end, going on from its checkpoint: the unit that any scheduler can run, on any machine that
 * sees the folder. Safe to call from many processes at once: one of them gets the trial.
 *
 * @throws StorageError where the disk is full or the folder cannot be written; RegnetError where the study itself
 * cannot be run, for instance for lack of its data set. The trial then waits, as if it had not been begun.
 */
export async function runTrial(study: Study, id: number, options: TrialOptions = {}): Promise<TrialOutcome> {
  requireSampled(study);
  const finished = readResult(study, id);
  if (finished) return { kind: "finished", result: finished, ran: false };
  const files = study.layout.trial(id);
  const trial = readTrial(study, id);
  if (!trial)
    throw new StudyError(`missing ${files.trial}: write it again with regnet study run`, "missing", files.trial);
  const previous = newestClaim(files.claim);
  const state = (options.watch ?? new HeartbeatWatch()).judge(previous);
  if (state !== "free") return { kind: "held", claim: previous as FoundClaim, sure: state === "held" };
  const task = options.task ?? (await taskOf(study.spec));
  const attempt = begin(study, files, previous, options.heart?.interval ?? LOCAL_INTERVAL, task.progress(files));
  if (!attempt) return { kind: "held", claim: newestClaim(files.claim) as FoundClaim, sure: false };
  return new Attempt(study, trial, files, attempt, task, options).run();
}

function begin(
  study: Study,
  files: TrialLayout,
  previous: FoundClaim | undefined,
  interval: number,
  progress: number,
): Claim | undefined {
  markStarted(study);
  const claim = Claim.take(files.claim, previous, interval, progress);
  if (claim) hint(files.begunHint);
  return claim;
}

class Attempt {
  private readonly started = performance.now();

  constructor(
    private readonly study: Study,
    private readonly trial: Trial,
    private readonly files: TrialLayout,
    private readonly claim: Claim,
    private readonly task: Task,
    private readonly options: TrialOptions,
  ) {}

  async run(): Promise<TrialOutcome> {
    this.options.heart?.follow(this.claim.heartbeat);
    try {
      return await this.train();
    } catch (error) {
      return this.explain(error);
    }
  }

  private async train(): Promise<TrialOutcome> {
    const finished = readResult(this.study, this.trial.id);
    if (finished) return this.finish(finished);
    const crashes = crashesInARow(this.files, this.claim);
    if (crashes >= MOST_ATTEMPTS) return this.fail(`crashed ${crashes} times without getting further`);
    const result = await this.task.run({
      study: this.study,
      trial: this.trial,
      layout: this.files,
      images: this.options.images,
      signal: this.options.signal ?? NEVER,
      advance: () => this.advance(),
      epochDone: (metrics) => this.epochDone(metrics),
    });
    return this.publish({ ...this.stamp(), state: "done", ...result });
  }

  private advance(): void | Promise<void> {
    this.options.heart?.advance();
    return this.options.onStep?.();
  }

  private epochDone(metrics: EpochMetrics): void {
    if (!this.claim.isNewest()) throw new TakenOver();
    this.options.onEpoch?.(metrics);
  }

  private explain(error: unknown): TrialOutcome {
    if (error instanceof TakenOver) {
      const claim = newestClaim(this.files.claim) as FoundClaim;
      return { kind: "held", claim, sure: claimState(claim) === "held" };
    }
    if (this.options.signal?.aborted && !(error instanceof StorageError))
      return this.giveBack("stopped", { kind: "stopped" });
    const explained = this.folderGone() ?? explainStorage(error, this.files.folder);
    if (concernsStudy(explained)) {
      this.giveBack("stopped", undefined);
      throw explained;
    }
    if (explained instanceof RegnetError) return this.fail(explained.message);
    const text = explained instanceof Error ? (explained.stack ?? explained.message) : String(explained);
    addError(this.files.errors, text);
    return this.giveBack("crashed", { kind: "crashed", reason: text.split("\n")[0] });
  }

  private folderGone(): StudyError | undefined {
    const { folder, trial } = this.files;
    if (existsSync(trial)) return undefined;
    return new StudyError(`missing ${folder}; run the study again: it is written anew`, "missing", folder);
  }

  private fail(reason: string): TrialOutcome {
    return this.publish({ ...this.stamp(), state: "failed", reason, tail: errorTail(this.files.errors) });
  }

  private publish(result: TrialResult): TrialOutcome {
    if (!this.claim.isNewest()) throw new TakenOver();
    const text = `${JSON.stringify(result)}\n`;
    const { id } = this.trial;
    // What stands there in its stead and is no result was torn, by a copy of the folder for instance.
    if (!createExclusively(this.files.result, text) && !readResult(this.study, id)) {
      writeAtomically(this.files.result, text);
    }
    return this.finish(readResult(this.study, id) ?? result);
  }

  private finish(result: TrialResult): TrialOutcome {
    const { checkpoints, last } = this.files;
    const { weights } = this.study.spec;
    if (weights !== "state") rmSync(weights === "none" ? checkpoints : last, { recursive: true, force: true });
    return this.giveBack("finished", { kind: "finished", result, ran: true });
  }

  private giveBack<T>(how: Release, outcome: T): T {
    this.options.heart?.rest();
    try {
      this.claim.release(how);
      rmSync(this.claim.heartbeat, { force: true });
    } catch {
      // A full or read-only disk: this process's end gives the claim back as well.
    }
    return outcome;
  }

  private stamp() {
    const seconds = (performance.now() - this.started) / 1000;
    return { version: 1, attempt: this.claim.generation, seconds, host: hostname() } as const;
  }
}

/** Another process took the trial over, in the belief that this one was dead. */
class TakenOver extends Error {}

const NEVER = new AbortController().signal;

/** The storage, or what the study needs as a whole: not the trial's own fault. */
function concernsStudy(error: unknown): error is RegnetError {
  return error instanceof StorageError || error instanceof StudyError;
}

/** How many attempts before this one crashed at the point where this one begins. */
function crashesInARow(files: TrialLayout, claim: Claim): number {
  let crashes = 0;
  for (let generation = claim.generation - 1; generation > 0; generation--) {
    const { record } = findClaim(files.claim, generation);
    if (record?.released === "crashed") crashes++;
    if (record && record.from !== claim.from) break;
  }
  return crashes;
}

function hint(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  } catch {
    // Only a hint: without it `status` shows the trial as waiting.
  }
}
