// How fast batches are made, and how long a trainer waits for them.
//
//   node bench/loader.mjs [DATA...] [--seconds 2] [--step 60] [--res N]
//
// DATA are folders or names (default: shapes fashion-mnist). For each augmentation: images a second by the number of
// workers, and the share of its time that a caller waits whose steps keep their thread busy for --step milliseconds.
import { augmentationSchema, createLoader, openDataSet } from "@regnet/train";
import { argumentsOf } from "./arguments.mjs";

const { values, positionals } = argumentsOf(
  import.meta.url,
  { seconds: 2, step: 60, res: Number },
  { most: Number.POSITIVE_INFINITY },
);
const sources = positionals.length > 0 ? positionals : ["shapes", "fashion-mnist"];
const milliseconds = 1000 * values.seconds;

const augmentations = {
  "pad-crop-flip": { crop: { kind: "padAndCrop" }, flip: 0.5 },
  "resized crop, flip": { crop: { kind: "randomResizedCrop" }, flip: 0.5 },
  "resized crop, flip, jitter": {
    ...{ crop: { kind: "randomResizedCrop" }, flip: 0.5 },
    colourJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  },
  "convnext's": {
    ...{ crop: { kind: "randomResizedCrop" }, flip: 0.5, randAugment: {}, erasing: {} },
    mix: { mixup: 0.8, cutmix: 1 },
  },
};

for (const source of sources) {
  const dataSet = await openDataSet(source, { resolution: values.res ?? 224 });
  const { height, width } = dataSet.sizes.largest;
  const resolution = values.res ?? Math.min(height, width, 224);
  console.log(
    `\n${dataSet.name} at ${resolution}², images/s with 0, 1 and 2 workers; then the wait beside a busy thread`,
  );
  for (const [name, input] of Object.entries(augmentations)) {
    const options = { dataSet, split: "train", mode: "train", resolution, batch: resolution > 64 ? 16 : 128 };
    const augmentation = augmentationSchema.parse(input);
    const speeds = [];
    for (const workers of [0, 1, 2]) speeds.push(await speed(createLoader({ ...options, augmentation, workers })));
    const share = await waiting(createLoader({ ...options, augmentation, workers: 1 }));
    console.log(
      `  ${name.padEnd(28)}${speeds.map((n) => Math.round(n).toLocaleString("en").padStart(10)).join("")}` +
        `   waits ${(100 * share).toFixed(2)} % of steps of ${values.step} ms`,
    );
  }
}

/** Images a second, as fast as they can be taken. */
async function speed(loader) {
  for (let i = 0; i < 3; i++) await loader.next();
  const started = performance.now();
  let images = 0;
  while (performance.now() - started < milliseconds) images += (await loader.next()).valid;
  const seconds = (performance.now() - started) / 1000;
  await loader.close();
  return images / seconds;
}

/** Share of the time spent waiting by a caller whose every step keeps its thread busy for a while. */
async function waiting(loader) {
  for (let i = 0; i < 3; i++) await step(loader);
  const [started, before] = [performance.now(), loader.waited];
  while (performance.now() - started < milliseconds) await step(loader);
  const share = (loader.waited - before) / (performance.now() - started);
  await loader.close();
  return share;
}

async function step(loader) {
  await loader.next();
  const until = performance.now() + values.step;
  while (performance.now() < until);
}
