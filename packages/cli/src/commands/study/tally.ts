import type { RunPlan, TrialRecord } from "@regnet/study";
import { duration, percent } from "./format.js";

/** How far a run is, for bars and lines alike. */
export class Tally {
  trials = 0;
  finished = 0;
  failed = 0;
  best: { readonly id: number; readonly error: number } | undefined;
  private before = 0;
  private startedAt = 0;

  plan({ trials, done, failed, best }: RunPlan): void {
    this.trials = trials;
    this.failed = failed;
    this.finished = this.before = done + failed;
    this.startedAt = performance.now();
    if (best) this.note(best);
  }

  add(record: TrialRecord): void {
    this.finished++;
    this.note(record);
  }

  /** Seconds to go at the speed so far; undefined before the first trial of this run. */
  get secondsLeft(): number | undefined {
    const here = this.finished - this.before;
    if (here === 0) return undefined;
    return ((performance.now() - this.startedAt) / 1000 / here) * (this.trials - this.finished);
  }

  get bestText(): string {
    return this.best ? `best ${percent(this.best.error)} (trial ${this.best.id})` : "";
  }

  get left(): string {
    const seconds = this.secondsLeft;
    return seconds === undefined ? "" : `${duration(seconds)} left`;
  }

  private note({ trial, result }: TrialRecord): void {
    if (result.state === "failed") this.failed++;
    else if (!this.best || result.error < this.best.error) this.best = { id: trial.id, error: result.error };
  }
}
