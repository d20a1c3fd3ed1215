// From images to a trained network: train, look at the figures, classify.
import { evaluate, load, train } from "regnet";

const run = await train(
  {
    model: { family: "regnet", w0: 16, wa: 16, wm: 2, depth: 4, groupWidth: 8, stem: "cifar", stemWidth: 16 },
    data: "shapes:1000", // a folder of class folders, or a name
    recipe: "quick",
    epochs: 2, // or time: 600
    folder: "runs/shapes",
  },
  {
    onEpoch: ({ epoch, loss, top1 }) =>
      console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, top-1 ${top1.toFixed(3)}`),
  },
);

const evaluation = await evaluate({ network: run.folder, data: "shapes:1000" });
console.log(`top-1 ${evaluation.top1}, balanced ${evaluation.balancedAccuracy}, ${evaluation.images} images`);

const network = await load(run.folder);
const image = { data: new Uint8Array(3 * 32 * 32).fill(128), channels: 3, height: 32, width: 32 } as const;
for (const { name, probability } of await network.classify(image, 3)) console.log(name, probability.toFixed(3));
network.dispose();
