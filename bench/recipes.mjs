// What each part of the recipe `quick` is worth: one network by one recipe after another on the same images, each for the time
// of about as many epochs at the full side.
//
//   node bench/recipes.mjs DIR [--flops 40M] [--res 128] [--epochs 30] [--seed 0] [--out bench/results/recipes.json]
//
// The network is RegNetY-200MF, scaled to the flops. One thread each, two trainings at once. A recipe that the file has is not
// trained again. DIR holds larger images as class folders, train/ and val/.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { openDataSet, sideAt, train } from "@regnet/train";
import { scaledBaseline } from "@regnet/study";
import { parseQuantity } from "../packages/cli/dist/quantities.js";
import { argumentsOf } from "./arguments.mjs";

const { values, positionals } = argumentsOf(
  import.meta.url,
  { flops: "40M", res: 128, epochs: 30, seed: 0, out: "bench/results/recipes.json" },
  { least: 1 },
);
const [given] = positionals;
const resolution = values.res;
const data = await openDataSet(resolve(given), { resolution });
const flops = parseQuantity(values.flops, "--flops");
const { spec } = scaledBaseline(flops, { resolution, channels: data.channels, classes: data.classes.length });
const { train: images, val } = data.splits;

const crops = { crop: { kind: "randomResizedCrop", area: [0.35, 1] }, flip: 0.5 };
const cosine = {
  ...{ base: "quick", schedule: { kind: "cosine" }, warmup: { epochs: 1, from: 0.1, share: 0.2 } },
  ...{ labelSmoothing: 0.05, preciseStatistics: 4096, average: null, resizing: null, augmentation: crops },
};
const trapezoid = {
  ...cosine,
  schedule: { kind: "trapezoid", cooldown: 0.7 },
  labelSmoothing: 0.1,
  preciseStatistics: 1024,
};
const resizing = { from: 0.625, to: 1, until: 0.75, steps: 2 };
const recipes = {
  "cosine, batches of 128": { ...cosine, batch: 128 },
  "batches of 64": { ...cosine, batch: 64 },
  "trapezoid, more smoothing, fewer images for statistics": { ...trapezoid, batch: 64 },
  "images that grow": { ...trapezoid, batch: 64, resizing },
  "averaged weights": { ...trapezoid, batch: 64, resizing, average: { decay: 0.99 } },
};

const rows = existsSync(values.out) ? JSON.parse(readFileSync(values.out, "utf8")).rows : [];
const queue = Object.entries(recipes).filter(([name]) => !rows.some((row) => row.name === name));
await Promise.all([work(), work()]);

async function work() {
  for (let next = queue.shift(); next; next = queue.shift()) await measure(...next);
}

async function measure(name, recipe) {
  const folder = mkdtempSync(join(tmpdir(), "regnet-recipes-"));
  const epochs = Math.round(values.epochs / meanArea(recipe.resizing));
  const common = { model: spec, data, resolution, seed: values.seed, threads: 1, workers: 0, tensorBoard: false };
  const run = await train({ ...common, recipe, epochs, evaluateEpochs: 10, folder: join(folder, "run") });
  rmSync(folder, { recursive: true, force: true });
  const last = run.epochs.at(-1);
  rows.push({ name, epochs, top1: last.top1, seconds: Math.round(run.seconds) });
  const order = Object.keys(recipes);
  rows.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  writeFileSync(values.out, `${JSON.stringify({ ...circumstances(), rows }, undefined, 1)}\n`);
  console.log(`${name}: ${(100 * last.top1).toFixed(1)} %, ${epochs} epochs, ${Math.round(run.seconds)} s`);
}

/** Of the training images, against the full side. */
function meanArea(growing) {
  if (!growing) return 1;
  const shares = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  const areas = shares.map((share) => (sideAt({ resizing: growing }, resolution, share) / resolution) ** 2);
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

function circumstances() {
  return {
    ...{ data: basename(given), flops, resolution, images: [images.count, val.count] },
    machine: `${cpus()[0].model}, one thread each, two trainings at once`,
    date: new Date().toISOString().slice(0, 10),
    command: `node bench/recipes.mjs ${basename(given)} --flops ${values.flops} --res ${resolution} --epochs ${values.epochs}`,
  };
}
