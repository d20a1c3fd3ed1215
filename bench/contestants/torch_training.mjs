// RegNets trained in PyTorch by our recipe on our images, in a process of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MALLOC, PYTHON } from "./contestant.mjs";
import { stagesOf } from "./stages.mjs";

const SCRIPT = fileURLToPath(new URL("torch_training.py", import.meta.url));

export class TorchTraining {
  /**
   * Starts a process, which reads the images and then waits.
   * @param {{ dataSet, recipe, networks: { model, seed: number }[], threads: number, resolution: number }} job `dataSet`:
   *   of images of one size; `recipe` as it is used; RegNetX or RegNetY `networks`, trained in this order
   */
  static async start({ dataSet, recipe, networks, threads, resolution }) {
    const side = recipe.augmentation.crop.kind === "padAndCrop" ? resolution : undefined;
    const folder = mkdtempSync(join(tmpdir(), "regnet-torch-"));
    try {
      const job = {
        ...{ recipe, threads, resolution, normalisation: dataSet.statistics, classes: dataSet.classes.length },
        splits: { train: store(dataSet, "train", folder, side), val: store(dataSet, "val", folder, side) },
        networks: networks.map(({ model, seed }) => ({ model: stagesOf(model), seed })),
      };
      const training = new TorchTraining(threads, networks.length);
      training.say(job);
      await training.answer();
      return training;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  constructor(threads, networks) {
    this.networks = networks;
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

/** Writes a split's decoded images one after another, so that both sides see the same pixels. */
function store({ splits, name }, split, folder, side) {
  const images = splits[split];
  const { channels, height, width } = images.image(0);
  if (side !== undefined && (height !== side || width !== side)) {
    throw new Error(`the images of ${name} are ${width}×${height}; padAndCrop needs ${side}×${side} here`);
  }
  const size = channels * height * width;
  const pixels = Buffer.alloc(images.count * size);
  for (let i = 0; i < images.count; i++) {
    const image = images.image(i);
    if (image.height !== height || image.width !== width) {
      throw new Error(`the images of ${name} differ in size: ${width}×${height} and ${image.width}×${image.height}`);
    }
    pixels.set(image.data, i * size);
  }
  const file = join(folder, split);
  writeFileSync(file, pixels);
  return { file, shape: [images.count, channels, height, width], labels: [...images.labels] };
}
