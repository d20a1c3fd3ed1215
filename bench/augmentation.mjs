// What augmentation is worth for larger images, by how often each is seen: one network, one recipe after another, for a number
// of epochs. Accuracy is of images held out from the training.
//
//   node bench/augmentation.mjs DIR [--flops 22M] [--res 96] [--seed 0] [--out bench/results/augmentation.json]
//
// The network is the rule's pick for the flops. One thread each, two trainings at once; time plays no part but in the last
// column. A row that the file has is not trained again. DIR holds images as class folders, train/ and val/.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { familyFor } from "@regnet/core";
import { train } from "@regnet/train";
import { parseQuantity } from "../packages/cli/dist/quantities.js";
import { argumentsOf } from "./arguments.mjs";

const { values, positionals } = argumentsOf(
  import.meta.url,
  { flops: "22M", res: 96, seed: 0, out: "bench/results/augmentation.json" },
  { least: 1 },
);
const [given] = positionals;
const flops = parseQuantity(values.flops, "--flops");
const [{ spec }] = familyFor([flops], { resolution: values.res, classes: 10, rule: "small" });
const model = { ...spec, se: 0.25 };

const crops = (least, more = {}) => ({
  augmentation: { crop: { kind: "randomResizedCrop", area: [least, 1] }, flip: 0.5, ...more },
});
const weak = { operations: 1, magnitude: 6, deviation: 0.5, probability: 0.5 };
const colourJitter = { brightness: 0.4, contrast: 0.4, saturation: 0.4 };
const decay = { optimiser: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 2e-3 } };
const plan = [
  [25, "nothing", crops(0.35)],
  [25, "RandAugment", crops(0.35, { randAugment: weak })],
  [100, "nothing", crops(0.35)],
  [100, "smaller crops (from 20 %)", crops(0.2)],
  [100, "four times the weight decay", { ...crops(0.35), ...decay }],
  [100, "CutMix for half of the batches", crops(0.35, { mix: { cutmix: 1, probability: 0.5 } })],
  [100, "mixup 0.2, crops from 25 %", crops(0.25, { mix: { mixup: 0.2 } })],
  [
    100,
    "colour jitter, erasing, crops from 25 %",
    crops(0.25, { colourJitter, erasing: { probability: 0.25, fill: "mean" } }),
  ],
  [100, "colour jitter, crops from 25 %", crops(0.25, { colourJitter })],
  [100, "RandAugment, colour jitter", crops(0.35, { randAugment: weak, colourJitter })],
  [100, "RandAugment twice, mixup 0.1", crops(0.35, { randAugment: { ...weak, operations: 2 }, mix: { mixup: 0.1 } })],
  [100, "RandAugment", crops(0.35, { randAugment: weak })],
];

const rows = existsSync(values.out) ? JSON.parse(readFileSync(values.out, "utf8")).rows : [];
const queue = plan.filter(([epochs, name]) => !rows.some((row) => row.epochs === epochs && row.name === name));
await Promise.all([work(), work()]);

async function work() {
  for (let next = queue.shift(); next; next = queue.shift()) await measure(...next);
}

async function measure(epochs, name, changes) {
  const folder = mkdtempSync(join(tmpdir(), "regnet-augmentation-"));
  const common = { model, data: resolve(given), resolution: values.res, seed: values.seed, threads: 1, workers: 0 };
  const recipe = { base: "quick", ...changes };
  const run = await train({
    ...common,
    recipe,
    epochs,
    evaluateEpochs: 10,
    tensorBoard: false,
    folder: join(folder, "run"),
  });
  rmSync(folder, { recursive: true, force: true });
  const { top1, trainTop1 } = run.epochs.at(-1);
  rows.push({ epochs, name, top1, trainTop1, seconds: Math.round(run.trained) });
  const place = (row) => plan.findIndex(([length, title]) => length === row.epochs && title === row.name);
  rows.sort((a, b) => place(a) - place(b));
  writeFileSync(values.out, `${JSON.stringify({ ...circumstances(), rows }, undefined, 1)}\n`);
  console.log(`${epochs} epochs, ${name}: ${(100 * top1).toFixed(1)} %`);
}

function circumstances() {
  return {
    ...{ data: basename(given), flops, resolution: values.res },
    machine: `${cpus()[0].model}, one thread each, two trainings at once`,
    date: new Date().toISOString().slice(0, 10),
    command: `node bench/augmentation.mjs ${basename(given)} --flops ${values.flops} --res ${values.res}`,
  };
}
