import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RegnetError } from "@regnet/core";
import type { DataSetHandle } from "@regnet/train";
import { builtModule } from "../../builtModule.js";
import { recordCrash } from "../../study/claim.js";
import { Replaced } from "../../study/coordinator.js";
import { addError, errorTail } from "../../study/errorTail.js";
import { readJson, StorageError } from "../../study/storage.js";
import type { Study } from "../../study/study.js";
import type { Executor, ExecutorAvailability, PendingJobs, RunObserver } from "../executor.js";
import { imagesOf } from "../images.js";
import { Backoff } from "./backoff.js";
import { largestArray, type QueuedTask, sacct, sbatch, scancel, slurmVersion, squeue } from "./commands.js";
import { Flight, type FlyingTask } from "./flight.js";
import { fatalOf, logOf, type RecordedSubmission, readSubmissions, recordSubmission } from "./submissions.js";

export interface SlurmOptions {
  /** Further arguments of `sbatch`: `--partition=short`, `--mem=2G`, … */
  readonly sbatch?: readonly string[];
  /** Array tasks at once; default: as many as the cluster gives. */
  readonly simultaneous?: number;
  /** Trials that an array task runs one after another. Default: 1, or more from 5000 trials on. */
  readonly trialsPerTask?: number;
  /** Seconds between two looks at the queue and the results; default 10. */
  readonly poll?: number;
}

/** Array tasks that are wanted at most at once in the queue, which a controller bears easily. */
const MOST_TASKS = 5000;
/** Seconds that cancelled jobs get to leave the queue: KillWait is 30 by default. */
const CANCEL_PATIENCE = 120;
/** Array tasks that ended before they began a trial, with no sign of life in between, until the run gives up. */
const MOST_BARREN = 3;
/** Most seconds until tasks that came to nothing, or were refused, are submitted again. */
const LONGEST_WAIT = 600;
/** Seconds before a job's time limit at which its trial leaves a checkpoint. */
const WARNING = 90;

/** Runs trials as job arrays of a Slurm cluster whose nodes see the study's folder. Jobs outlive a killed coordinator. */
export class SlurmExecutor implements Executor {
  readonly id = "slurm";

  constructor(private readonly options: SlurmOptions = {}) {}

  async probe(): Promise<ExecutorAvailability> {
    try {
      return { available: true, description: await slurmVersion() };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { available: false, reason, remedy: "run it where sbatch works, or without --executor slurm" };
    }
  }

  async run(study: Study, ids: readonly number[], observer: RunObserver, signal: AbortSignal): Promise<void> {
    if (ids.length === 0 || signal.aborted) return;
    const images = await imagesOf(study).catch(unlessWrong);
    await new SlurmRun(study, ids, this.options, observer, images).run(signal);
  }

  async pending(study: Study): Promise<PendingJobs> {
    const names = readSubmissions(study).map(({ name }) => name);
    const [queued, ended] = await Promise.all([squeue(names), sacct(names)]);
    const running = queued.filter(({ state }) => state !== "PD");
    const reasons = tally(queued.flatMap(({ state, reason }) => (state === "PD" ? `waiting for ${reason}` : [])));
    const failures = tally(ended.flatMap(({ state }) => (WELL.has(state) ? [] : `ended as ${state}`)));
    return { running: running.length, queued: queued.length - running.length, notes: [...reasons, ...failures] };
  }

  async cancel(study: Study): Promise<number> {
    const queued = await squeue(readSubmissions(study).map(({ name }) => name));
    await scancel(queued.map(({ job }) => job));
    return queued.length;
  }
}

const WELL: ReadonlySet<string> = new Set(["COMPLETED", "RUNNING", "PENDING", "REQUEUED", "COMPLETING"]);

/** Where this machine does not see the images, each task looks for them on its node; what is wrong with them is so there, too. */
function unlessWrong(error: unknown): undefined {
  if (error instanceof StorageError || (error instanceof RegnetError && error.code === "invalid")) throw error;
}

/** One coordinator's work with the queue, from the first submission to the last result. */
class SlurmRun {
  private readonly flight: Flight;
  /** After tasks that came to nothing: a broken node takes one task after another. */
  private readonly barren: Backoff;
  /** After refusals: the controller may be busy, or the user's limit of jobs used up. */
  private readonly refusals: Backoff;
  /** What was recorded for an `sbatch` that has not told of success. */
  private unanswered: RecordedSubmission | undefined;
  private deaf = false;
  private largest: number | undefined;

  constructor(
    private readonly study: Study,
    ids: readonly number[],
    private readonly options: SlurmOptions,
    private readonly observer: RunObserver,
    private readonly images: DataSetHandle | undefined,
  ) {
    this.flight = new Flight(study, ids, observer);
    this.barren = new Backoff(this.poll, LONGEST_WAIT);
    this.refusals = new Backoff(this.poll, LONGEST_WAIT);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { flight } = this;
    const left = await this.adopt();
    if (left.length > 0) this.observer.onNote?.(`${left.length} jobs of an earlier run are still in the queue`);
    try {
      while (flight.size > 0 && !signal.aborted) {
        if (this.barren.isOver && this.refusals.isOver && flight.grounded.length > 0) await this.trySubmit();
        await pause(this.poll, signal);
        await this.look();
      }
    } finally {
      if (flight.size > 0 && !(signal.reason instanceof Replaced)) await this.cancel();
    }
  }

  /** Takes up what the queue has of this study: left by an earlier coordinator, or by an `sbatch` whose answer was lost. */
  private async adopt(): Promise<QueuedTask[]> {
    const submissions = new Map(readSubmissions(this.study).map((submission) => [submission.name, submission]));
    const queued = await squeue([...submissions.keys()]);
    for (const { name, index, state } of queued) {
      const submission = submissions.get(name);
      if (submission) this.flight.add(submission, index, state !== "PD");
    }
    return queued;
  }

  /** While jobs are under way, a controller that refuses others is asked again, ever more seldom. */
  private async trySubmit(): Promise<void> {
    try {
      await this.settleUnanswered();
      await this.submit(this.flight.grounded);
      this.refusals.succeed();
    } catch (error) {
      if (this.flight.isEmpty) await this.settleUnanswered().catch(() => undefined);
      if (this.flight.isEmpty || error instanceof StorageError) throw error;
      if (this.flight.grounded.length === 0) return;
      if (this.refusals.failures === 0) this.observer.onNote?.(`${(error as Error).message}; trying again`);
      this.refusals.fail();
    }
  }

  /** An `sbatch` that timed out may have been heard: its tasks are taken up where the queue has them, or else forgotten. */
  private async settleUnanswered(): Promise<void> {
    const { unanswered } = this;
    if (!unanswered) return;
    const heard = (await this.adopt()).filter(({ name }) => name === unanswered.name);
    if (heard.length === 0) this.forgetUnanswered();
    else this.observer.onNote?.(`${heard.length} tasks that sbatch seemed to refuse are in the queue`);
    this.unanswered = undefined;
  }

  private forgetUnanswered(): void {
    if (this.unanswered) rmSync(this.unanswered.file, { force: true });
    this.unanswered = undefined;
  }

  private async submit(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const perTask = this.options.trialsPerTask ?? Math.ceil(ids.length / MOST_TASKS);
    const tasks = chunks(ids, perTask);
    this.largest ??= await largestArray();
    for (const part of chunks(tasks, this.largest)) {
      const submission = recordSubmission(this.study, part, this.images);
      this.unanswered = submission;
      const job = await sbatch(this.arguments(submission.name, part.length), this.script(submission.file));
      this.unanswered = undefined;
      part.forEach((_, index) => {
        this.flight.add(submission, index);
      });
      this.observer.onNote?.(`submitted ${part.flat().length} trials in ${part.length} tasks as job ${job}`);
    }
  }

  private arguments(name: string, count: number): string[] {
    const { simultaneous, sbatch: more = [] } = this.options;
    const log = logOf(this.study, { name }, 0).replace(/0\.log$/, "%a.log");
    return [
      `--job-name=${name}`,
      `--array=0-${count - 1}${simultaneous ? `%${simultaneous}` : ""}`,
      "--ntasks=1",
      `--cpus-per-task=${this.study.spec.threads}`,
      "--requeue",
      "--open-mode=append",
      `--signal=B:TERM@${WARNING}`,
      `--output=${log}`,
      `--chdir=${this.study.layout.slurm}`,
      ...more,
    ];
  }

  /** The shell becomes the task's process, so that Slurm's signals reach it. */
  private script(file: string): string {
    const task = fileURLToPath(builtModule("executors/slurm/task.js"));
    const words = [process.execPath, task, this.study.folder, file].map(quoted);
    return `#!/bin/sh\nexport OMP_NUM_THREADS=${this.study.spec.threads} UV_THREADPOOL_SIZE=2\nexec ${words.join(" ")}\n`;
  }

  private async look(): Promise<void> {
    if (this.flight.collect() > 0) this.barren.succeed();
    const queued = await this.queue(this.flight.names);
    if (!queued) return;
    const lost = this.flight.compare(queued);
    for (const task of lost) this.mourn(task);
    if (lost.length > 0) this.expectLife(lost[lost.length - 1]);
  }

  /** What the queue has of some jobs, or undefined while the controller is away. */
  private async queue(names: readonly string[]): Promise<QueuedTask[] | undefined> {
    try {
      const queued = await squeue(names);
      this.deaf = false;
      return queued;
    } catch (error) {
      if (!this.deaf) this.observer.onNote?.(`${(error as Error).message}; waiting for it`);
      this.deaf = true;
      return undefined;
    }
  }

  /** A task ended without all its results: says why, and gives up where the study as a whole cannot go on. */
  private mourn(task: FlyingTask): void {
    const { submission, index } = task;
    const fatal = readJson(fatalOf(this.study, submission, index)) as
      | { message?: string; storage?: string }
      | undefined;
    if (fatal?.storage) throw new StorageError(String(fatal.message), this.study.folder, fatal.storage);
    if (fatal) throw new RegnetError(String(fatal.message), "unsupported");
    const tail = errorTail(logOf(this.study, submission, index));
    if (this.flight.wasFruitful(task)) this.barren.succeed();
    else this.barren.fail();
    for (const id of this.flight.unfinishedOf(task)) this.note(id, tail);
  }

  /** Gives up where one task after another came to nothing, down to this last one, and none under way has begun a trial. */
  private expectLife({ submission, index }: FlyingTask): void {
    if (this.barren.failures < MOST_BARREN || this.flight.hasBegun()) return;
    const tail = errorTail(logOf(this.study, submission, index));
    throw new RegnetError(`jobs end before they begin a trial: ${tail || "they left no log"}`, "unsupported");
  }

  private get poll(): number {
    return this.options.poll ?? 10;
  }

  private note(id: number, tail: string): void {
    const { claim, errors } = this.study.layout.trial(id);
    if (!recordCrash(claim)) return;
    this.observer.onNote?.(`the job of trial ${id} ended before the trial did: to be tried again`);
    addError(errors, `${tail}\nthe job ended before the trial did`);
  }

  /** Ends every job of this study, as soon as the controller answers, and waits until they have left the queue. */
  private async cancel(): Promise<void> {
    const deadline = performance.now() + 1000 * CANCEL_PATIENCE;
    const names = readSubmissions(this.study).map(({ name }) => name);
    const cancelled = new Set<string>();
    let queued = await this.queue(names);
    while (queued?.length !== 0 && performance.now() < deadline) {
      await this.cancelNew(queued ?? [], cancelled);
      await setTimeout(1000);
      queued = await this.queue(names);
    }
    if (queued?.length === 0) this.forgetUnanswered();
    else
      this.observer.onNote?.(`jobs may still be in the queue; end them with: regnet study stop ${this.study.folder}`);
    this.flight.collect();
  }

  private async cancelNew(queued: readonly QueuedTask[], cancelled: Set<string>): Promise<void> {
    const jobs = queued.map(({ job }) => job).filter((job) => !cancelled.has(job));
    try {
      await scancel(jobs);
      for (const job of jobs) cancelled.add(job);
    } catch {
      // Those that are still in the queue are cancelled again at the next look.
    }
  }
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

function tally(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, n]) => `${n} ${n > 1 ? "tasks" : "task"} ${text}`);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(seconds * 1000, undefined, { signal }).catch(() => undefined);
}
