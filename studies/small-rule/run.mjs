/**
 * A rule for small networks on processors, by the paper's own method: `node studies/small-rule/run.mjs --data FOLDER …`.
 *
 * Trains one population a data set, every network for the same time on one thread, and asks of each parameter where the good
 * networks lie: error distributions of one half of the population against the other, and the bootstrap's ranges. Run again
 * after it was stopped, it goes on. `--networks N` and `--seconds T` say how many and for how long, `--sets a,b` which,
 * `--work DIR` where the studies lie. Nothing else may be running.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomFor } from "@regnet/core";
import {
  compare,
  createStudy,
  finishedTrials,
  LocalExecutor,
  openStudy,
  parameterRanges,
  readTrials,
  runStudy,
  spaceSampler,
} from "@regnet/study";
import { openDataSet, quickFor } from "@regnet/train";

const here = dirname(fileURLToPath(import.meta.url));
const { values: args } = parseArgs({
  options: {
    imagenette: { type: "string" },
    cifar10: { type: "string" },
    networks: { type: "string", default: "60" },
    seconds: { type: "string", default: "60" },
    sets: { type: "string", default: "imagenette,cifar10,fashion-mnist" },
    work: { type: "string", default: join(here, "..", ".work", "small-rule") },
    out: { type: "string", default: join(here, "results.json") },
  },
});
const [networks, seconds] = [Number(args.networks), Number(args.seconds)];

const SETS = {
  imagenette: { data: args.imagenette, flops: 40e6, resolution: 128, stem: "simple" },
  cifar10: { data: args.cifar10, flops: 10e6, resolution: 32, stem: "cifar" },
  "fashion-mnist": { data: "fashion-mnist", flops: 3e6, resolution: 28, stem: "cifar" },
};
/** All that the rule could be: deep and shallow, narrow and wide groups, with and without bottleneck and excitation. */
const parameters = {
  w0: { sampler: "logUniform", min: 8, max: 64, quantum: 8 },
  wa: { sampler: "logUniform", min: 4, max: 128, quantum: 0.1 },
  wm: { sampler: "logUniform", min: 1.6, max: 3.5, quantum: 0.001 },
  depth: { sampler: "uniform", min: 3, max: 18 },
  bottleneck: [0.5, 1, 2],
  groupWidth: { sampler: "powerOfTwo", min: 4, max: 128 },
  se: [0, 0.25],
};
/** One half of a population against the other. */
const QUESTIONS = {
  "at most 7 blocks": ({ parameters: { d } }) => d <= 7,
  "three stages": ({ stages }) => stages.widths.length === 3,
  "groups of 32 and more": ({ parameters: { g } }) => g >= 32,
  "no bottleneck (b ≤ 1)": ({ parameters: { b } }) => b <= 1,
  "an inverted one (b = 0.5)": ({ parameters: { b } }) => b < 1,
  "squeeze-excitation": ({ se }) => se,
  "wm of 2.3 and more": ({ parameters: { wm } }) => wm >= 2.3,
};

const signal = stopOnInterrupt();
const sets = [];
for (const name of args.sets.split(",")) sets.push(await population(name, SETS[name]));
const machine = `${cpus()[0].model}, ${availableParallelism()} processors, one thread a network`;
const date = new Date().toISOString().slice(0, 10);
const command = `node studies/small-rule/run.mjs --networks ${networks} --seconds ${seconds}`;
writeFileSync(args.out, `${JSON.stringify({ networks, seconds, machine, date, command, sets }, undefined, 1)}\n`);

async function population(name, { data, flops, resolution, stem }) {
  if (!data) throw new Error(`missing --${name}: its folder of class folders`);
  const source = name === data ? data : resolve(data);
  const images = await openDataSet(source, { resolution, holdOut: true });
  const made = createStudy(join(args.work, name), {
    ...{ name, data: source, holdOut: true, seeds: "same", trials: networks, time: seconds, resolution },
    ...{ channels: images.channels, classes: images.classes.length },
    space: {
      name: "small",
      family: "regnet",
      stages: { min: 2, max: 4 },
      parameters,
      network: { stem, stemWidth: 16 },
    },
    limits: { flops: { min: 0.7 * flops, max: flops } },
    recipe: quickFor({ resolution, epochs: 10 }),
    batch: quickFor({ resolution, epochs: 10 }).batch,
  });
  const executor = new LocalExecutor({ workers: availableParallelism() });
  const { waiting, failed } = await runStudy(made, { executor, sampler: spaceSampler(), signal });
  if (waiting > 0) process.exit(1);
  const study = openStudy(made.folder);
  const records = readTrials(study);
  const speeds = new Map(records.map(({ trial, result }) => [trial.id, result.imagesPerSecond]));
  const excited = new Map(records.map(({ trial }) => [trial.id, (trial.model.se ?? 0) > 0]));
  const trials = finishedTrials(study, records).map((trial) => ({ ...trial, se: excited.get(trial.id) }));
  process.stderr.write(`${name}: ${trials.length} trained, ${failed} failed\n`);
  return {
    ...{ name, flops, resolution, images: [images.splits.train.count, images.splits.val.count] },
    questions: Object.entries(QUESTIONS).map(([question, holds]) => answer(question, trials, holds)),
    ranges: parameterRanges(trials).map(({ parameter, low, best, high, sampled }) => ({
      ...{ parameter, low, best, high, sampled },
    })),
    trials: [...trials]
      .sort((a, b) => a.error - b.error)
      .map(({ error, parameters: drawn, stages, se, complexity, id }) => ({
        ...{ error, ...drawn, se, widths: stages.widths, depths: stages.depths },
        ...{ flops: complexity.flops, imagesPerSecond: Math.round(speeds.get(id)) },
      })),
  };
}

/** Mean error of those it holds for, against the others: in points, with the bootstrap's 95 % interval. */
function answer(question, trials, holds) {
  const errors = (wanted) => trials.filter((trial) => Boolean(holds(trial)) === wanted).map(({ error }) => error);
  const [yes, no] = [errors(true), errors(false)];
  if (yes.length < 5 || no.length < 5) return { question, networks: [yes.length, no.length] };
  const { difference, interval } = compare("no", no, "yes", yes, randomFor(0, question));
  return { question, networks: [yes.length, no.length], difference, interval };
}

function stopOnInterrupt() {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => stop.abort(new Error("interrupted")));
  return stop.signal;
}
