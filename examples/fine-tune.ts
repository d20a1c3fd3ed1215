// Fine-tuning: the stem and the first stage of a trained network stay, the head is made anew.
import { train } from "regnet";

const model = { family: "regnet", w0: 16, wa: 16, wm: 2, depth: 4, groupWidth: 8, stem: "cifar" } as const;
const common = { model, epochs: 1, recipe: "quick" } as const;

const before = await train({ ...common, data: "shapes:500", folder: "runs/before" });
const after = await train(
  {
    ...common,
    data: "shapes:300",
    folder: "runs/after",
    from: { weights: before.folder, freeze: 2, newHead: true },
  },
  { onNote: (note) => console.log(note) },
);
console.log(`top-1 ${before.best?.top1} before, ${after.best?.top1} after`);
