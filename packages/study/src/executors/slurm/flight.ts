import { newestClaim } from "../../study/claim.js";
import { readResult, readTrial } from "../../study/read.js";
import type { Study } from "../../study/study.js";
import { begunIds } from "../../study/studyIndex.js";
import type { RunObserver } from "../executor.js";
import type { QueuedTask } from "./commands.js";
import type { Submission } from "./submissions.js";

/** An array task whose trials have not all come back. */
export interface FlyingTask {
  readonly submission: Submission;
  readonly index: number;
  /** Looks in a row in which the queue did not have it. */
  missed: number;
  /** Claims on its trials when it was taken up. */
  readonly claims: number;
  /** Whether it was seen to have begun one of its trials. */
  begun: boolean;
}

/** A shared folder shows a result a little later than the queue shows its task's end. */
const MISSES = 2;

/** The trials that have no result yet, and the tasks that are to bring it. */
export class Flight {
  private readonly unfinished: Set<number>;
  private readonly tasks = new Map<string, FlyingTask>();

  constructor(
    private readonly study: Study,
    ids: readonly number[],
    private readonly observer: RunObserver,
  ) {
    this.unfinished = new Set(ids);
  }

  get size(): number {
    return this.unfinished.size;
  }

  /** Whether no task is under way. */
  get isEmpty(): boolean {
    return this.tasks.size === 0;
  }

  /** Whether a task under way has begun a trial: looks into the folders of all that were not seen to. */
  hasBegun(): boolean {
    return [...this.tasks.values()].some((task) => this.wasFruitful(task));
  }

  /** Names of the jobs to ask the queue for. */
  get names(): string[] {
    return [...new Set([...this.tasks.values()].map(({ submission }) => submission.name))];
  }

  /** Trials that no task is to bring. */
  get grounded(): number[] {
    const flying = new Set([...this.tasks.values()].flatMap(({ submission, index }) => submission.tasks[index]));
    return [...this.unfinished].filter((id) => !flying.has(id));
  }

  /** Takes a task up, unless it is under way already. @param begun the claims that are there may be its own */
  add(submission: Submission, index: number, begun = false): void {
    if (this.tasks.has(key(submission.name, index))) return;
    if (!submission.tasks[index]?.some((id) => this.unfinished.has(id))) return;
    const claims = this.claimsOf(submission.tasks[index]);
    this.tasks.set(key(submission.name, index), { submission, index, missed: 0, claims, begun });
  }

  /** Takes the results that have come since the last time, as far as the trials' hints tell. @returns how many */
  collect(): number {
    const before = this.size;
    for (const id of begunIds(this.study)) this.take(id);
    return before - this.size;
  }

  /** Compares with the queue. @returns the tasks that ended without bringing all their results */
  compare(queued: readonly QueuedTask[]): FlyingTask[] {
    const there = new Set(queued.map(({ name, index }) => key(name, index)));
    const lost: FlyingTask[] = [];
    for (const [name, task] of this.tasks) {
      task.missed = there.has(name) ? 0 : task.missed + 1;
      if (task.missed < MISSES) continue;
      this.tasks.delete(name);
      const ids = task.submission.tasks[task.index];
      for (const id of ids) this.take(id);
      if (ids.some((id) => this.unfinished.has(id))) lost.push(task);
    }
    return lost;
  }

  /** Trials of a task that have no result. */
  unfinishedOf({ submission, index }: FlyingTask): number[] {
    return submission.tasks[index].filter((id) => this.unfinished.has(id));
  }

  /** Whether a task got as far as to begin one of its trials. */
  wasFruitful(task: FlyingTask): boolean {
    task.begun ||= this.claimsOf(task.submission.tasks[task.index]) > task.claims;
    return task.begun;
  }

  private take(id: number): void {
    if (!this.unfinished.has(id)) return;
    const result = readResult(this.study, id);
    const trial = result && readTrial(this.study, id);
    if (!trial) return;
    this.unfinished.delete(id);
    this.observer.onFinished?.({ trial, result });
  }

  private claimsOf(ids: readonly number[]): number {
    return ids.reduce((sum, id) => sum + (newestClaim(this.study.layout.trial(id).claim)?.generation ?? 0), 0);
  }
}

function key(name: string, index: number): string {
  return `${name}_${index}`;
}
