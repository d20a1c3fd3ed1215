// Rule against search at equal cost: random search, regularised evolution, a TPE, successive halving and ASHA over one space,
// and the rule's pick, which needs no search. The cost is counted in epochs, all networks together.
//
//   node bench/search.mjs DIR|NAME --flops 10M [--res 32] [--epochs 9] [--total 324] [--seeds 3] [--train 6000] [--val 2000]
//     [--contenders random,evolution,tpe,halving,asha,rule] [--work bench/.work/search] [--out bench/results/search.json]
//
// Every search is a study under --work, by which it goes on after it was stopped; `regnet study report` shows them.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { countModel, familyFor } from "@regnet/core";
import {
  bracketTrials,
  defaultSpaces,
  LocalExecutor,
  newStudy,
  openStudy,
  rungEpochs,
  runStudy,
  searchCurves,
  searchSchema,
  spaceSampler,
} from "@regnet/study";
import { openDataSet } from "@regnet/train";
import { parseQuantity } from "../packages/cli/dist/quantities.js";
import { argumentsOf } from "./arguments.mjs";

const { values, positionals } = argumentsOf(
  import.meta.url,
  {
    ...{ flops: String, res: Number, epochs: 9, total: 324, seeds: 3, train: 6000, val: 2000 },
    ...{ contenders: "random,evolution,tpe,halving,asha,rule", work: "bench/.work/search" },
    out: "bench/results/search.json",
  },
  { least: 1 },
);
const [given] = positionals;
const data = existsSync(given) ? resolve(given) : given;
const flops = parseQuantity(values.flops, "--flops");
const images = await openDataSet(data, { resolution: values.res });
const resolution = values.res ?? Math.min(images.originalSizes.median.height, images.originalSizes.median.width);
const input = { resolution, channels: images.channels, classes: images.classes.length };
const [space] = defaultSpaces(input, [flops]);
const common = {
  ...{ task: "train", space, data, recipe: "quick", epochs: values.epochs, batch: 64, ...input },
  limits: { flops: { min: 0.7 * flops, max: flops } },
  subset: { train: values.train, val: values.val },
};

const folders = [];
for (let seed = 0; seed < values.seeds; seed++) {
  for (const contender of values.contenders.split(",")) {
    const folder = join(values.work, `${contender}-${seed}`);
    await run(folder, contender, seed);
    folders.push([contender, folder]);
    write();
  }
}

async function run(folder, contender, seed) {
  const search = ["random", "rule"].includes(contender) ? undefined : searchSchema.parse({ kind: contender });
  const weights = contender === "halving" || contender === "asha" ? "state" : "none";
  const trials = contender === "rule" ? 1 : trialsOf(search);
  const sampler = contender === "rule" ? rule : spaceSampler();
  const study = await newStudy(folder, { ...common, name: basename(folder), seed, search, weights, trials }, sampler);
  const { done, failed, best, seconds } = await runStudy(study, {
    executor: new LocalExecutor({ workers: 2 }),
    sampler,
  });
  console.log(
    `${basename(folder)}: ${done} done, ${failed} failed, best ${best?.result.error} after ${Math.round(seconds)} s`,
  );
}

/** As many trainings as the epochs pay for. */
function trialsOf(search) {
  const { epochs, total } = values;
  if (search?.kind !== "halving" && search?.kind !== "asha") return Math.floor(total / epochs);
  const rungs = rungEpochs(search, epochs);
  const own = rungs.map((end, i) => (end - (rungs[i - 1] ?? 0)) / search.eta ** i);
  const cost = own.reduce((sum, one) => sum + one, 0);
  if (search.kind === "halving")
    return bracketTrials(search, epochs) * Math.max(1, Math.round(total / (cost * search.networks)));
  const trainings = rungs.reduce((sum, _, i) => sum + search.eta ** -i, 0);
  return Math.floor((total / cost) * trainings);
}

/** The rule's network for the budget, trained once. */
function rule() {
  const { stem, stemWidth } = space.network ?? {};
  const [{ spec }] = familyFor([flops], { ...input, rule: "small", stem, stemWidth });
  const model = { ...spec, se: 0.25, stem, stemWidth };
  const networks = [{ model, complexity: countModel(model, input) }];
  return { networks, acceptance: { drawn: 1, accepted: 1, rejected: {} } };
}

function write() {
  const names = [...new Set(folders.map(([contender]) => contender))];
  const curves = names.flatMap((name) => {
    const studies = folders.filter(([contender]) => contender === name).map(([, folder]) => openStudy(folder));
    const [curve] = searchCurves(studies);
    return curve ? [{ ...curve, name }] : [];
  });
  const circumstances = {
    ...{ data: basename(given), flops, resolution, epochs: values.epochs, images: [values.train, values.val] },
    ...{ machine: cpus()[0].model, date: new Date().toISOString().slice(0, 10) },
    command: `node bench/search.mjs ${basename(given)} --flops ${values.flops} --total ${values.total} --seeds ${values.seeds}`,
  };
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify({ ...circumstances, curves }, undefined, 1)}\n`);
}
