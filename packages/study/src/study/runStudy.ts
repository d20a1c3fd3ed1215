import { rmSync } from "node:fs";
import { RegnetError } from "@regnet/core";
import type { Executor, RunObserver } from "../executors/executor.js";
import { newestClaim } from "./claim.js";
import { Coordinator } from "./coordinator.js";
import { readTrial } from "./read.js";
import { rewriteTrials, type Sampler, sampleStudy } from "./sample.js";
import { requireSampled, type Study, totalOf } from "./study.js";
import { StudyIndex } from "./studyIndex.js";
import type { TrialRecord } from "./trial.js";

export interface RunStudyOptions {
  readonly executor: Executor;
  readonly sampler: Sampler;
  /** Total of trials; may only grow. Default: as many as the study has. */
  readonly trials?: number;
  /** Runs failed trials anew. */
  readonly retryFailed?: boolean;
  readonly observer?: RunObserver & {
    /** The population is there and the folders have been looked through: what is left to do. */
    onPlan?(plan: RunPlan): void;
  };
  /** Aborting it stops: the running trials leave checkpoints. */
  readonly signal?: AbortSignal;
}

/** What a run is about to do. */
export interface RunPlan {
  readonly study: Study;
  readonly trials: number;
  readonly done: number;
  readonly failed: number;
  /** Done trial of the least error so far. */
  readonly best?: TrialRecord;
}

/** How a run ended. */
export interface RunSummary extends RunPlan {
  /** Trials without a result. */
  readonly waiting: number;
  /** Whether it ended because it was told to. */
  readonly stopped: boolean;
  /** Wall time of this run. */
  readonly seconds: number;
}

/** Between two looks for requests to stop, and between two writes to the index, in milliseconds. */
const TICK = 1000;

const DRAWN_AGAIN = "sampled.json was lost: the population was drawn again, and is the one that the trials have";

/**
 * Runs a study until every trial has a result: samples what is missing, then has the executor run what is left. Running
 * it again goes on where it was, whatever happened in between.
 *
 * @throws RegnetError where another process runs the study; StorageError where the disk is full or cannot be written
 */
export async function runStudy(study: Study, options: RunStudyOptions): Promise<RunSummary> {
  const note = (text: string) => options.observer?.onNote?.(text);
  const coordinator = await Coordinator.become(study, note, options.signal);
  let giveUp: (() => void) | undefined;
  try {
    if (!study.sampled) giveUp = options.executor.prepare?.(study);
    return await coordinate(study, options, coordinator);
  } finally {
    giveUp?.();
    await coordinator.end();
  }
}

async function coordinate(unsampled: Study, options: RunStudyOptions, coordinator: Coordinator): Promise<RunSummary> {
  const startedAt = performance.now();
  const { observer = {}, executor } = options;
  const sampled = await sampleStudy(unsampled, options.sampler, options.trials);
  let { study } = sampled;
  const { written, again } = sampled;
  if (unsampled.sampled && written > 0) observer.onNote?.(`${written} trials were added or written again`);
  if (again) observer.onNote?.(DRAWN_AGAIN);
  let index = StudyIndex.open(study, true);
  for (const text of index.notes) observer.onNote?.(text);
  await mendTrials(study, options.sampler, index);
  if (options.retryFailed) {
    expectNoSearch(study);
    forgetFailed(study, index);
  }
  const recorder = new Recorder(study, index, observer);
  const stop = new AbortController();
  const ticker = setInterval(() => {
    recorder.flush();
    const reason = coordinator.reasonToStop;
    if (reason === undefined || stop.signal.aborted) return;
    observer.onNote?.(reason.message);
    stop.abort(reason);
  }, TICK);
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  try {
    observer.onPlan?.(planOf(study, index));
    for (;;) {
      const ids = unfinished(study, index).filter((id) => !study.spec.search || readTrial(study, id));
      await executor.run(study, ids, recorder.watch(), signal);
      index = recorder.settle();
      if (signal.aborted || ids.length === 0 || !isGoingOn(study, index, ids)) break;
      ({ study } = await sampleStudy(study, options.sampler));
    }
    const plan = planOf(study, index);
    const seconds = (performance.now() - startedAt) / 1000;
    return { ...plan, waiting: plan.trials - plan.done - plan.failed, stopped: signal.aborted, seconds };
  } finally {
    clearInterval(ticker);
    recorder.close();
  }
}

/** Whether a search has something to choose from what became of these. */
function isGoingOn(study: Study, index: StudyIndex, ids: readonly number[]): boolean {
  if (!study.spec.search) return false;
  const left = new Set(unfinished(study, index));
  if (ids.some((id) => left.has(id))) return false;
  return left.size > 0 || study.sampled?.toCome !== undefined;
}

/**
 * Trials with a result whose networks' files are torn get those files again: the index has to leave them out. Where the
 * result is torn, too, they have to run again.
 */
async function mendTrials(study: Study, sampler: Sampler, index: StudyIndex): Promise<void> {
  const torn = unfinished(study, index).filter((id) => readTrial(study, id) === undefined);
  if (torn.length === 0) return;
  await rewriteTrials(study, sampler, torn);
  index.refresh(true);
}

/** Collects results for the index, so that many short trials share a transaction. */
class Recorder {
  private records: TrialRecord[] = [];

  constructor(
    private readonly study: Study,
    private index: StudyIndex,
    private readonly observer: RunObserver,
  ) {}

  watch(): RunObserver {
    const { observer } = this;
    return {
      onBegin: (id, slot) => observer.onBegin?.(id, slot),
      onEpoch: (id, metrics, slot) => observer.onEpoch?.(id, metrics, slot),
      onLeave: (slot) => observer.onLeave?.(slot),
      onNote: (text) => observer.onNote?.(text),
      onFinished: (record) => {
        this.records.push(record);
        observer.onFinished?.(record);
      },
    };
  }

  /** The index can be made again: where it cannot be written, the results are safe in their folders. */
  flush(): void {
    const records = this.records;
    this.records = [];
    try {
      this.index.add(records);
    } catch {
      this.records = [...records, ...this.records];
    }
  }

  /** @returns the index with every result: made again from the folders where it can no longer be written */
  settle(): StudyIndex {
    this.flush();
    if (this.records.length === 0) return this.index;
    this.index.close();
    this.index = StudyIndex.open(this.study, true);
    for (const text of this.index.notes) this.observer.onNote?.(text);
    this.records = [];
    return this.index;
  }

  close(): void {
    this.flush();
    this.index.close();
  }
}

function planOf(study: Study, index: StudyIndex): RunPlan {
  const best = index.best();
  const { done, failed } = index.counts();
  return { study, trials: totalOf(study), done, failed, ...(best && { best }) };
}

function unfinished(study: Study, index: StudyIndex): number[] {
  const finished = new Set(index.ids());
  return Array.from({ length: requireSampled(study).trials }, (_, id) => id).filter((id) => !finished.has(id));
}

/** What a search chose it chose in the knowledge of what had failed. */
function expectNoSearch({ spec, folder }: Study): void {
  if (!spec.search) return;
  const text = `${folder} is a search, whose later networks were chosen by what became of the earlier ones`;
  throw new RegnetError(`${text}: failed trials cannot be run again; make a new study`, "unsupported", "retryFailed");
}

function forgetFailed(study: Study, index: StudyIndex): void {
  for (const { trial } of index.list({ state: "failed" })) {
    const files = study.layout.trial(trial.id);
    rmSync(files.result, { force: true });
    rmSync(files.errors, { force: true });
    const claim = newestClaim(files.claim);
    for (let generation = claim?.generation ?? 0; generation > 0; generation--) {
      rmSync(`${files.folder}/${files.claim.name}.${generation}`, { force: true });
    }
  }
  index.refresh(true);
}
