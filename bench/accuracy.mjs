// The same network by the same recipe on the same images, here and in PyTorch: top-1 over seeds, and time.
//
//   node bench/accuracy.mjs DIR [--epochs 6] [--seeds 3] [--res 32] [--batch 128] [--model NAME] [--crop KIND]
//     [--threads N] [--json FILE]
//
// DIR holds train/CLASS/* and val/CLASS/* of images of one size: CIFAR-10 as files with the defaults; larger ones with
// --crop randomResizedCrop, for instance
//
//   node bench/accuracy.mjs imagenette --res 128 --model RegNetX-200MF --crop randomResizedCrop --batch 64 --epochs 20
//
// Both sides get the same decoded pixels (the shorter side 8/7 of --res at most), use all cores, and evaluate after every
// epoch with batch-norm statistics computed anew. PyTorch augments whole batches by tensor operations and runs in
// channels_last with malloc thresholds raised, which is where it is fastest; its start and the images' way into its memory
// are not counted. Needs Debian's python3-torch and python3-torchvision. Nothing else may be running.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, findModel } from "@regnet/core";
import { augmentationSchema, openDataSet, readRecipe, train } from "@regnet/train";
import { argumentsOf } from "./arguments.mjs";
import { TorchTraining } from "./contestants/torch_training.mjs";

const { values, positionals } = argumentsOf(
  import.meta.url,
  {
    epochs: 6,
    seeds: 3,
    res: 32,
    batch: 128,
    model: String,
    crop: "padAndCrop",
    threads: availableParallelism(),
    json: String,
  },
  { least: 1 },
);
const { threads, batch, res: resolution } = values;
const crops = {
  padAndCrop: { kind: "padAndCrop", padding: 4 },
  randomResizedCrop: { kind: "randomResizedCrop", area: [0.25, 1] },
};
if (!(values.crop in crops)) throw new Error(`unknown --crop ${values.crop}; one of ${Object.keys(crops).join(", ")}`);
const small = {
  ...{ family: "regnet", w0: 32, wa: 32, wm: 2.5, depth: 6, groupWidth: 16 },
  ...{ stem: "cifar", stemWidth: 32, convention: "torchvision" },
};
const model = values.model ? findModel(values.model).spec : small;
if (model.family !== "regnet") throw new Error(`PyTorch's side builds RegNets by the rule only, not ${values.model}`);
const data = resolve(positionals[0]);
const dataSet = await openDataSet(data, { resolution });
/** Of `quick`, what PyTorch's side has, too: the schedule is a cosine, images keep their size, the last weights count. */
const quick = await readRecipe("quick");
const recipe = {
  ...quick,
  schedule: { kind: "cosine", final: 0 },
  resizing: undefined,
  average: undefined,
  epochs: values.epochs,
  batch,
  learningRate: (quick.learningRate * batch) / (quick.referenceBatch ?? batch),
  referenceBatch: undefined,
  augmentation: augmentationSchema.parse({ crop: crops[values.crop], flip: 0.5 }),
};
const { params, flops } = describe(model, { resolution, classes: dataSet.classes.length });
console.log(`${dataSet.splits.train.count} + ${dataSet.splits.val.count} images at ${resolution}², ${threads} threads`);
const { w0, wa, wm, depth, se } = model;
console.log(`RegNet${se ? "Y" : "X"} ${w0}/${wa}/${wm}/${depth}: ${flops} flops, ${params} parameters`);

const rows = [];
for (let seed = 0; seed < values.seeds; seed++) {
  const [ours, torch] = [await trainHere(seed), await trainInTorch(seed)];
  if (torch.params !== params) throw new Error(`the networks differ: PyTorch's has ${torch.params} parameters`);
  rows.push({ seed, ours, torch });
  console.log(
    `seed ${seed}: regnet ${percent(ours.top1)} in ${ours.seconds.toFixed(0)} s, PyTorch ${percent(torch.top1)} in ${torch.seconds.toFixed(0)} s`,
  );
}
const mean = (side, field) => rows.reduce((sum, row) => sum + row[side][field], 0) / rows.length;
const [here, there] = [mean("ours", "top1"), mean("torch", "top1")];
const ratio = mean("torch", "seconds") / mean("ours", "seconds");
console.log(
  `top-1 ${percent(here)} ± ${percent(deviation("ours"))}, PyTorch ${percent(there)} ± ${percent(deviation("torch"))}`,
);
console.log(`difference ${(100 * (here - there)).toFixed(2)} points; PyTorch takes ${ratio.toFixed(2)} × our time`);
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ model, recipe, rows, here, there, ratio }, null, 2)}\n`);

async function trainHere(seed) {
  const folder = mkdtempSync(join(tmpdir(), "regnet-accuracy-"));
  const options = {
    model,
    data: dataSet,
    recipe,
    resolution,
    seed,
    threads,
    folder: join(folder, "run"),
    tensorBoard: false,
  };
  const started = performance.now();
  const { epochs } = await train(options);
  const seconds = (performance.now() - started) / 1000;
  rmSync(folder, { recursive: true, force: true });
  return { top1: epochs[epochs.length - 1].top1, seconds };
}

async function trainInTorch(seed) {
  const training = await TorchTraining.start({ dataSet, recipe, networks: [{ model, seed }], threads, resolution });
  const [{ top1, seconds, params: built }] = await training.run();
  return { top1: top1[top1.length - 1], seconds, params: built };
}

function deviation(side) {
  const average = mean(side, "top1");
  const squares = rows.reduce((sum, row) => sum + (row[side].top1 - average) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, rows.length - 1));
}

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
