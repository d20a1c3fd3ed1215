import type { RunObserver, RunPlan, Study, TrialRecord } from "@regnet/study";
import { say } from "./format.js";
import { bars } from "./progressBars.js";
import { Tally } from "./tally.js";

export type ProgressStyle = "bars" | "lines" | "none";

/** Shows how a study's run goes on, on the error stream. */
export interface StudyProgress {
  readonly observer: RunObserver & { onPlan(plan: RunPlan): void };
  /** Safe to call twice. */
  end(): void;
}

export function createProgress(study: Study, style: ProgressStyle): StudyProgress {
  if (style === "none") return { observer: { onPlan: () => undefined, onNote: say }, end: () => undefined };
  return style === "bars" ? bars(study) : lines();
}

/** Least time between two lines, in milliseconds. */
const PAUSE = 1000;

function lines(): StudyProgress {
  const tally = new Tally();
  let last = Number.NEGATIVE_INFINITY;
  const onFinished = (record: TrialRecord) => {
    tally.add(record);
    const now = performance.now();
    if (now - last < PAUSE && tally.finished < tally.trials) return;
    last = now;
    say([`${tally.finished} of ${tally.trials}`, tally.bestText, tally.left].filter(Boolean).join(", "));
  };
  const onPlan = (plan: RunPlan) => {
    tally.plan(plan);
    say(`${tally.finished} of ${tally.trials} trials are finished`);
  };
  return { observer: { onPlan, onFinished, onNote: say }, end: () => undefined };
}
