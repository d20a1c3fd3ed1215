import { setTimeout } from "node:timers/promises";
import { RegnetError } from "@regnet/core";
import { Heart, HeartbeatWatch, SHARED_INTERVAL } from "../../study/heartbeat.js";
import { runTrial } from "../../study/runTrial.js";
import { StorageError, writeAtomically } from "../../study/storage.js";
import { openStudy } from "../../study/study.js";
import { fatalOf, readSubmission } from "./submissions.js";

/** Between two looks at a trial that another task holds, in milliseconds. */
const POLL = 1000;

/** An array task: `node task.js STUDY SUBMISSION`. Runs its trials one after another, going on from their checkpoints. */
const [folder, file] = process.argv.slice(2);
const index = Number(process.env.SLURM_ARRAY_TASK_ID);
const study = openStudy(folder);
const submission = readSubmission(file);
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
process.on("SIGINT", () => stop.abort());

if (!submission?.tasks[index]) throw new Error(`missing task ${index} of ${file}`);
const heart = new Heart(SHARED_INTERVAL);
const watch = new HeartbeatWatch();
try {
  for (const id of submission.tasks[index]) if (!stop.signal.aborted) await settle(id);
} catch (error) {
  if (!(error instanceof RegnetError)) throw error;
  const storage = error instanceof StorageError ? error.systemCode : undefined;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  writeAtomically(fatalOf(study, submission, index), `${JSON.stringify({ message: error.message, storage })}\n`);
} finally {
  await heart.stop();
}
process.exit();

/** Tries a trial until it has its result, or leaves it to another process that lives. */
async function settle(id: number): Promise<void> {
  while (!stop.signal.aborted) {
    const outcome = await runTrial(study, id, { images: submission?.images, signal: stop.signal, heart, watch });
    if (outcome.kind === "crashed") process.stderr.write(`trial ${id} crashed: ${outcome.reason}\n`);
    else if (outcome.kind !== "held" || outcome.sure) return;
    else await setTimeout(POLL);
  }
}
