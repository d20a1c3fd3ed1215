// At equal total time: `design`; the published network, scaled to the budget, trained for all of it; the rule's pick trained
// for all of it; random search, whose best network is trained in the last half. Every figure is of images that nothing was
// chosen on.
//
//   node bench/design.mjs DIR|NAME --flops 40M --time 10m [--res 128] [--seeds 3] [--first 0]
//     [--contenders design,published,family,random] [--out bench/results/design]
//
// For instance
//
//   node bench/design.mjs fashion-mnist --flops 3M --time 3m
//   node bench/design.mjs cifar10 --flops 10M --time 10m
//   node bench/design.mjs imagenette --flops 40M --time 10m --res 128
//
// Contenders take turns; each run is a file, and one that is there is not run again. The time is the wall time of the whole
// process. Images are decoded beforehand. Nothing else may be running.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { familyFor, samplePopulation } from "@regnet/core";
import { defaultSpaces, scaledBaseline } from "@regnet/study";
import { openDataSet } from "@regnet/train";
import { parseDuration } from "../packages/cli/dist/duration.js";
import { parseQuantity } from "../packages/cli/dist/quantities.js";
import { argumentsOf } from "./arguments.mjs";

const { values, positionals } = argumentsOf(
  import.meta.url,
  {
    ...{ flops: String, time: String, res: Number, seeds: 3, first: 0 },
    ...{ contenders: "design,published,family,random", out: "bench/results/design" },
  },
  { least: 1 },
);
const [given] = positionals;
const data = existsSync(given) ? resolve(given) : given;
const flops = parseQuantity(values.flops, "--flops");
const time = parseDuration(values.time, "--time");
const images = await openDataSet(data, { resolution: values.res, holdOut: true });
const resolution = values.res ?? Math.min(images.originalSizes.median.height, images.originalSizes.median.width);
const input = { resolution, channels: images.channels, classes: images.classes.length };
const [space] = defaultSpaces(input);
const { stem, stemWidth } = space.network ?? {};
const regnet = fileURLToPath(new URL("../packages/cli/bin/regnet.js", import.meta.url));
/** Networks that random search looks at, for an equal share of the first half each. */
const DRAWN = 8;
/** Seconds of a training's process before its clock begins and after it ends. */
const START = 1;

const contenders = { design, published, family, random };
const folder = join(values.out, `${basename(given)}-${values.flops}-${values.time}`.toLowerCase());
mkdirSync(folder, { recursive: true });
for (let seed = values.first; seed < values.first + values.seeds; seed++) {
  for (const name of values.contenders.split(",")) {
    const file = join(folder, `${name}-${seed}.json`);
    if (existsSync(file)) continue;
    const work = mkdtempSync(join(tmpdir(), "regnet-bench-"));
    const started = performance.now();
    try {
      const result = await contenders[name](seed, work);
      const seconds = (performance.now() - started) / 1000;
      const run = { contender: name, seed, ...result, seconds: Math.round(10 * seconds) / 10, ...circumstances() };
      writeFileSync(file, `${JSON.stringify(run, undefined, 1)}\n`);
      const test = `${(100 * run.test).toFixed(2)} % of ${images.splits.test.count} images held out`;
      console.log(`${name} ${seed}: ${test}, ${run.epochs} epochs, ${run.network}, ${run.seconds} s`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}

function circumstances() {
  const { train, val, test } = images.splits;
  return {
    ...{ data: basename(given), flops, time, resolution },
    images: [train.count, val.count, test.count],
    machine: `${cpus()[0].model}, ${availableParallelism()} processors`,
    date: new Date().toISOString().slice(0, 10),
    command: `node bench/design.mjs ${basename(given)} --flops ${values.flops} --time ${values.time}${values.res ? ` --res ${values.res}` : ""}`,
  };
}

async function design(seed, work) {
  const asked = ["--data", data, "--flops", values.flops, "--time", values.time, "--res", String(resolution)];
  const { winner, decisions, races } = await run([
    "design",
    ...asked,
    "--seed",
    String(seed),
    "-o",
    join(work, "design"),
  ]);
  const finish = decisions.find(({ step }) => step === "finish");
  const { precision } = decisions.find(({ step }) => step === "speed");
  const { name, origin, stages, test, accuracy } = winner;
  return { test, accuracy, epochs: finish.epochs, network: name, origin, stages, precision, races };
}

function published(seed, work) {
  return trained(scaledBaseline(flops, input, { stem, stemWidth }).spec, seed, work, time);
}

function family(seed, work) {
  const [{ spec }] = familyFor([flops], { space: "RegNetY", ...input, stem });
  return trained(spec, seed, work, time);
}

async function random(seed, work) {
  const limits = { flops: { min: 0.9 * flops, max: flops } };
  const { networks } = samplePopulation(space, { ...input, count: DRAWN, seed, limits });
  const tried = [];
  for (const [i, { spec }] of networks.entries()) {
    tried.push({ spec, ...(await trained(spec, seed, join(work, String(i)), time / 2 / DRAWN)) });
  }
  const [best] = tried.sort((a, b) => b.accuracy - a.accuracy);
  return trained(best.spec, seed, join(work, "best"), time / 2);
}

/** As a user would: the time is for the process, so a little is kept back for its start and its end. */
async function trained(spec, seed, work, seconds) {
  mkdirSync(work, { recursive: true });
  const file = join(work, "model.json");
  writeFileSync(file, JSON.stringify(spec));
  const given = ["--data", data, "--res", String(resolution), "--time", `${(seconds - START).toFixed(1)}s`];
  const result = await run(["train", file, ...given, "--seed", String(seed), "-o", join(work, "run")]);
  const { recipe, precision, data: sets } = JSON.parse(readFileSync(join(work, "run", "run.json"), "utf8"));
  const { widths, depths } = spec;
  return {
    ...{ test: result.test.top1, accuracy: result.best.top1, precision },
    epochs: Math.round((10 * result.step * recipe.batch) / sets.train) / 10,
    network: `d ${spec.depth}, w0 ${spec.w0}, wa ${spec.wa}, wm ${spec.wm}, g ${spec.groupWidth}`,
    ...(widths && { stages: { widths, depths } }),
  };
}

function run(args) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [regnet, ...args, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      errors += text;
    });
    child.on("close", (code) => (code === 0 ? done(JSON.parse(out)) : fail(new Error(`${args[0]}: ${errors}`))));
  });
}
