import { RegnetError } from "@regnet/core";
import { chooseEngine } from "@regnet/engine";
import { openDataSet, type RunResult, readRecipe, train } from "@regnet/train";
import { StudyError } from "../../study/task.js";
import type { FullResult } from "./fullTrainer.js";
import { type FromTrainer, failureOf, type ToTrainer } from "./protocol.js";

/** Least time between two messages on progress, in milliseconds. */
const TELL_EVERY = 250;

type Order = Extract<ToTrainer, { type: "train" }>;

/** A process that trains one network with one thread: as fast as a share of the machine lets it. */
const stop = new AbortController();
// Ctrl-C reaches the whole process group: the parent decides what comes of it.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => stop.abort());
process.on("disconnect", () => stop.abort());
process.on("message", (message: ToTrainer) => {
  if (message.type === "stop") stop.abort();
  else void work(message).then(say).then(leave);
});

async function work(message: Order): Promise<FromTrainer> {
  try {
    return await perform(message);
  } catch (error) {
    if (stop.signal.aborted) return { type: "stopped" };
    const failure = failureOf(error, message.task.folder);
    const common = failure.storage === undefined ? await commonCause(message) : undefined;
    return common ? failureOf(common, message.task.folder) : failure;
  }
}

/** That the engine, the recipe or the images cannot be had, by any training: looked for once this one has failed. */
async function commonCause({ request, images }: Order): Promise<StudyError | undefined> {
  try {
    chooseEngine(request.engine);
    await readRecipe(request.recipe);
    await openDataSet(images.source, { resolution: images.resolution });
    return undefined;
  } catch (error) {
    return error instanceof RegnetError ? new StudyError(error.message, error.code, error.path) : undefined;
  }
}

async function perform({ request, images, task }: Order): Promise<FromTrainer> {
  let [told, error, seen] = [0, undefined as number | undefined, 0];
  const started = performance.now();
  const run = await train(
    {
      model: task.model,
      data: images.source,
      folder: task.folder,
      recipe: request.recipe,
      time: task.seconds,
      batch: Math.min(task.batch, images.train),
      resolution: images.resolution,
      seed: request.seed,
      engine: request.engine,
      precision: request.precision,
      threads: 1,
      workers: 0,
      resume: "auto",
      tensorBoard: false,
      checkpointSeconds: 20,
      signal: stop.signal,
    },
    {
      onStart: ({ batch }) => {
        seen = batch;
      },
      onStep: () => {
        if (performance.now() - told < TELL_EVERY) return;
        told = performance.now();
        void say({ type: "progress", seconds: (told - started) / 1000, error });
      },
      onEpoch: (metrics) => {
        error = Math.min(error ?? 1, metrics.error);
      },
      onNote: (text) => void say({ type: "note", text }),
    },
  );
  if (run.state === "stopped") return { type: "stopped" };
  return { type: "done", result: resultOf(task.name, run, (seen * run.step) / images.train, request.engine) };
}

function resultOf(name: string, run: RunResult, epochs: number, engine = "auto"): FullResult {
  const { folder, seconds, best } = run;
  if (!best) throw new RegnetError(`the training in ${folder} ended before it was evaluated; give it more time`);
  const curve = run.epochs.map((epoch) => epoch.error);
  return { name, folder, accuracy: best.top1, curve, epochs: Math.round(100 * epochs) / 100, seconds, engine };
}

function say(message: FromTrainer): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

/** Whatever threads an engine may have left. */
function leave(): void {
  process.exit();
}
