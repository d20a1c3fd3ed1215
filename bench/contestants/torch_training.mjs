// RegNets trained in PyTorch by our recipe on our images, in a process of its own.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { applyRule } from "@regnet/core";
import { MALLOC, PYTHON } from "./contestant.mjs";

const SCRIPT = fileURLToPath(new URL("torch_training.py", import.meta.url));

export class TorchTraining {
  /**
   * Starts a process, which decodes the images and then waits.
   * @param {{ folder: string, dataSet, recipe, networks: { model, seed: number }[], threads: number }} job
   *   `dataSet` was opened from `folder`; `recipe` as it is used; RegNetX or RegNetY `networks`, trained in this order
   */
  static async start({ folder, dataSet, recipe, networks, threads }) {
    const training = new TorchTraining(threads);
    training.say({
      ...{ folder, recipe, threads, normalisation: dataSet.statistics, classes: dataSet.classes.length },
      splits: { train: await listing(dataSet, "train"), val: await listing(dataSet, "val") },
      networks: networks.map(({ model, seed }) => ({ model: stagesOf(model), seed })),
    });
    await training.answer();
    training.networks = networks.length;
    return training;
  }

  constructor(threads) {
    const env = { ...process.env, ...MALLOC, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
    this.process = spawn(PYTHON, [SCRIPT], { env, stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  /** Trains. @returns {Promise<{ top1: number[], seconds: number, params: number }[]>} top-1 by epoch, a network each */
  async run() {
    this.say("go");
    const results = [];
    while (results.length < this.networks) results.push(await this.answer());
    this.process.stdin.end();
    return results;
  }

  say(message) {
    this.process.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async answer() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error("PyTorch's process ended before it answered");
    return JSON.parse(value);
  }
}

async function listing(dataSet, split) {
  return { files: await dataSet.names(split), labels: [...dataSet.splits[split].labels] };
}

/** The network stage by stage, as torchvision is told it. */
function stagesOf({ convention, stem = "simple", stemWidth = 32, bottleneck = 1, se, ...parameters }) {
  const { widths, depths, groupWidths } = applyRule({ ...parameters, bottleneck }, convention);
  return { widths, depths, groupWidths, bottleneck, stem, stemWidth, se };
}
