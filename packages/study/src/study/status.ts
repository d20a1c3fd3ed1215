import type { PendingJobs } from "../executors/executor.js";
import { claimState, newestClaim } from "./claim.js";
import { activeCoordinator } from "./coordinator.js";
import { readBeat } from "./heartbeat.js";
import { readMetrics } from "./metrics.js";
import type { Owner } from "./owner.js";
import { readResult } from "./read.js";
import { inputsOf, type Rest, stampOf } from "./rest.js";
import { readText, writeAtomically } from "./storage.js";
import { type Acceptance, type Study, totalOf } from "./study.js";
import { begunIds, StudyIndex } from "./studyIndex.js";
import type { TrialRecord, TrialState } from "./trial.js";

/** Where a study stands. */
export interface StudyStatus {
  readonly folder: string;
  readonly name: string;
  readonly task: string;
  /** Total of trials. */
  readonly trials: number;
  readonly done: number;
  readonly failed: number;
  /** Trials that a process is at. */
  readonly running: readonly RunningTrial[];
  /** Trials not begun, or interrupted and to be resumed. */
  readonly waiting: number;
  /** Done trial of the least error so far. */
  readonly best?: TrialRecord;
  /** Who runs the study, if anybody does. */
  readonly coordinator?: { readonly host: string; readonly pid: number };
  /** How the sampling went; absent before it. */
  readonly acceptance?: Acceptance;
  /** Sum of the wall time of the attempts that finished trials, in seconds. */
  readonly seconds: number;
  /** What a scheduler still has of this study. */
  readonly jobs?: PendingJobs;
  /** Oddities people should know. */
  readonly notes: readonly string[];
}

export interface RunningTrial {
  readonly id: number;
  readonly host?: string;
  readonly pid?: number;
  /** Epochs done. */
  readonly epochs: number;
  /** Error after the last of them. */
  readonly error?: number;
  /** Steps since the attempt began. */
  readonly steps?: number;
  /** `false` where it runs on another machine, so that only its heartbeat over some time can tell. */
  readonly sure: boolean;
}

/**
 * Looks at a study without disturbing it: takes a few milliseconds for every thousand trials. What it finds of one at which
 * nobody works is kept for {@link restingStatus}.
 */
export function studyStatus(study: Study, jobs?: PendingJobs): StudyStatus {
  const inputs = inputsOf(study.layout);
  const status = find(study, jobs);
  const { coordinator, running, notes } = status;
  const atRest = !coordinator && !jobs && running.length === 0 && notes.length === 0;
  if (atRest && inputs !== undefined && inputs === inputsOf(study.layout)) keep(study, inputs, status);
  return status;
}

function find(study: Study, jobs: PendingJobs | undefined): StudyStatus {
  const { folder, spec, sampled } = study;
  const owner = activeCoordinator(study)?.record?.owner;
  const progress = sampled ? finishedOf(study) : NOTHING;
  const running = sampled ? runningTrials(study) : [];
  const trials = sampled ? totalOf(study) : spec.trials;
  return {
    folder,
    name: spec.name,
    task: spec.task,
    trials,
    ...progress,
    running,
    waiting: trials - progress.done - progress.failed - running.length,
    ...(owner && { coordinator: { host: owner.host, pid: owner.pid } }),
    ...(sampled && { acceptance: sampled.acceptance }),
    ...(jobs && { jobs }),
  };
}

/** Only a memory: where it cannot be written, the next look takes longer. */
function keep({ layout }: Study, inputs: string, status: StudyStatus): void {
  const rest: Rest = { version: 1, inputs, index: stampOf(layout.index), status };
  const text = `${JSON.stringify(rest)}\n`;
  try {
    if (readText(layout.status) !== text) writeAtomically(layout.status, text);
  } catch {
    // A full or read-only disk.
  }
}

/** Where one trial stands. */
export function trialState(study: Study, id: number): TrialState {
  const result = readResult(study, id);
  if (result) return result.state;
  const claim = newestClaim(study.layout.trial(id).claim);
  return claim === undefined || claimState(claim) === "free" ? "waiting" : "running";
}

const NOTHING = { done: 0, failed: 0, seconds: 0, notes: [] as readonly string[] };

function finishedOf(study: Study): typeof NOTHING & { readonly best?: TrialRecord } {
  const index = StudyIndex.open(study);
  try {
    const best = index.best();
    return { ...index.counts(), notes: index.notes, ...(best && { best }) };
  } finally {
    index.close();
  }
}

function runningTrials(study: Study): RunningTrial[] {
  return begunIds(study).flatMap((id) => runningTrial(study, id) ?? []);
}

function runningTrial(study: Study, id: number): RunningTrial | undefined {
  const files = study.layout.trial(id);
  const claim = newestClaim(files.claim);
  const state = claimState(claim);
  if (!claim || state === "free") return undefined;
  const epochs = readMetrics(files.metrics);
  const last = epochs.at(-1);
  const steps = readBeat(claim.heartbeat)?.progress;
  return {
    id,
    ...placeOf(claim.record?.owner),
    epochs: epochs.length,
    ...(last && { error: last.error }),
    ...(steps !== undefined && { steps }),
    sure: state === "held",
  };
}

function placeOf(owner: Owner | undefined): { host?: string; pid?: number } {
  return owner ? { host: owner.host, pid: owner.pid } : {};
}
