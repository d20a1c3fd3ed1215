import { RegnetError } from "@regnet/core";
import { Heart, HeartbeatWatch } from "../study/heartbeat.js";
import { runTrial, type TrialOutcome } from "../study/runTrial.js";
import { StorageError } from "../study/storage.js";
import { openStudy } from "../study/study.js";
import { taskOf } from "../study/tasks.js";
import type { EpochMetrics } from "../study/trial.js";
import { Pace } from "./pace.js";
import {
  type FromWorker,
  INTERVAL_VARIABLE,
  STUDY_VARIABLE,
  type ToWorker,
  type WorkerOutcome,
} from "./workerProtocol.js";

type TrialTask = Extract<ToWorker, { type: "trial" }>;

/** Least time between two messages on epochs, in milliseconds. */
const EPOCH_MESSAGES = 200;

/**
 * A worker process: runs the trials that its parent names, one after another, so that start-up is paid once. It ends
 * when told to, or when its parent is gone; the trial at work then leaves its checkpoint.
 */
let study = openStudy(process.env[STUDY_VARIABLE] ?? "");
const heart = new Heart(Number(process.env[INTERVAL_VARIABLE]));
const watch = new HeartbeatWatch();
const stop = new AbortController();
const pace = new Pace(stop.signal);
const queue: TrialTask[] = [];
let busy = false;
let stepping = false;
let lastEpoch = 0;

// Ctrl-C reaches the whole process group: the parent decides what comes of it.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", end);
process.on("disconnect", end);
process.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "stop":
      end();
      break;
    case "trial":
      queue.push(message);
      if (!busy) void work();
      break;
    case "measure":
      void pace.measure(message.seconds).then((rate) => say({ type: "measured", rate }));
      break;
    case "pause":
      void pace.pause().then((still) => say({ type: "paused", still }));
      break;
    case "resume":
      pace.resume();
      break;
    default:
      message satisfies never;
  }
});
// What trials run on is loaded while the parent still looks for the images.
await taskOf(study.spec);
say({ type: "ready" });

async function work(): Promise<void> {
  busy = true;
  for (let task = queue.shift(); task !== undefined && !stop.signal.aborted; task = queue.shift()) {
    const { id } = task;
    try {
      say({ type: "begin", id });
      say({ type: "outcome", id, outcome: brief(await run(task)) });
    } catch (error) {
      if (!(error instanceof RegnetError)) throw error;
      const storage = error instanceof StorageError ? error.systemCode : undefined;
      say({ type: "fatal", id, message: error.message, code: error.code, storage });
      end();
    }
  }
  busy = false;
  if (stop.signal.aborted) leave();
}

function run({ id, images }: TrialTask): Promise<TrialOutcome> {
  // It may have been started while the population was still drawn.
  if (!study.sampled) study = openStudy(study.folder);
  const onEpoch = (metrics: EpochMetrics) => tellEpoch(id, metrics);
  return runTrial(study, id, { images, signal: stop.signal, heart, watch, onStep: () => stepTaken(id), onEpoch });
}

function stepTaken(id: number): Promise<void> | undefined {
  if (!stepping) say({ type: "stepping", id, bytes: process.memoryUsage.rss() });
  stepping = true;
  return pace.step();
}

function brief(outcome: TrialOutcome): WorkerOutcome {
  if (outcome.kind === "finished") return { kind: "finished", result: outcome.result };
  if (outcome.kind === "held") return { kind: "held", sure: outcome.sure };
  return outcome;
}

function tellEpoch(id: number, metrics: EpochMetrics): void {
  const now = performance.now();
  if (now - lastEpoch < EPOCH_MESSAGES) return;
  lastEpoch = now;
  say({ type: "epoch", id, metrics });
}

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message, ignoreClosed);
}

function ignoreClosed(): void {
  // The parent is gone: `disconnect` ends this process.
}

function end(): void {
  stop.abort();
  if (!busy) leave();
}

/** Sends what is still to be sent, then ends, whatever threads an engine may have left. */
function leave(): void {
  if (process.connected) process.disconnect?.();
  else process.exit();
}
