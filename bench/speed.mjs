// Training and inference beside PyTorch and ONNX Runtime, alternating in one run; prints medians and ratios.
//
//   node bench/speed.mjs [--rounds 9] [--json FILE] [case…]        (cases: see `cases` below; default: all)
//
// Needs Debian's python3-torch and python3-torchvision. Nothing else may be running. Cases in bf16 are left out where the
// processor has none.
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { samplePopulation } from "@regnet/core";
import { onednn } from "@regnet/engine";
import { documentOf, spec } from "../studies/paper-chain/documents.mjs";
import { argumentsOf } from "./arguments.mjs";
import { Contestant } from "./contestants/contestant.mjs";

const threads = availableParallelism();
const X400 = { w0: 24, wa: 24.48, wm: 2.54, depth: 22, groupWidth: 16 };
const SMALL = { w0: 24, wa: 64, wm: 2.5, depth: 8, groupWidth: 8, stem: "cifar" };
/** The first networks of the study of RegNetX in studies/paper-chain, with that study's images and batch. */
const drawn = { models: population(6), batch: spec.batch, res: spec.resolution, classes: 10 };

const ours = (precision = "fp32") => ({ label: `regnet ${precision}`, kind: "regnet", engine: "onednn", precision });
const ort = { label: "ONNX Runtime", kind: "regnet", engine: "onnxruntime", precision: "fp32" };
const portable = { ...ort, label: "regnet onnxruntime" };
const library = { ...ours(), label: "with oneDNN's kernels alone", env: { REGNET_KERNELS: "onednn" } };
const torch = (layout, precision = "fp32") => ({
  label: `PyTorch ${precision} ${layout}`,
  kind: "torch",
  layout,
  precision,
});
const train = { task: "train", classes: 1000, copies: 1, threads, steps: 4 };
const infer = { task: "infer", classes: 1000, copies: 1, threads, steps: 12 };

/**
 * Each case: a workload, the contestants (the first is ours), and the ratio each rival must be beaten by. Of a workload,
 * `copies` processes run at once; of several networks, one after the other, the times are summed.
 */
const cases = {
  "train-fp32": {
    workload: { ...train, models: [X400], batch: 16, res: 128 },
    sides: [ours(), torch("channels_last"), torch("contiguous")],
    targets: { PyTorch: 2.3 },
  },
  "train-bf16": {
    workload: { ...train, models: [X400], batch: 16, res: 128 },
    sides: [ours("bf16"), torch("channels_last", "bf16")],
    targets: { PyTorch: 2.3 },
  },
  "train-portable": {
    workload: { ...train, models: [X400], batch: 16, res: 128, steps: 2 },
    sides: [portable, ours()],
    targets: { regnet: 1 / 4 },
  },
  "train-convnext": {
    workload: { ...train, models: [{ name: "convnext_tiny" }], batch: 8, res: 128, steps: 2 },
    sides: [ours(), torch("channels_last"), torch("contiguous")],
    targets: { PyTorch: 1 },
  },
  "train-population": {
    workload: { ...train, ...drawn, copies: 2, threads: 1 },
    sides: [ours(), torch("channels_last"), torch("contiguous")],
    targets: { PyTorch: 2.5 },
  },
  "train-two": {
    workload: { ...train, models: [SMALL], batch: 64, res: 32, classes: 10, copies: 2, threads: 1 },
    sides: [ours(), torch("channels_last"), torch("contiguous")],
    targets: {},
  },
  "infer-1": {
    workload: { ...infer, models: [X400], batch: 1, res: 224 },
    sides: [ours(), ort, torch("channels_last"), torch("contiguous")],
    targets: { ONNX: 1.1, PyTorch: 3.5 },
  },
  "infer-1-bf16": {
    workload: { ...infer, models: [X400], batch: 1, res: 224 },
    sides: [ours("bf16"), ort],
    targets: { ONNX: 2 },
  },
  "infer-16": {
    workload: { ...infer, models: [X400], batch: 16, res: 224, steps: 4 },
    sides: [ours(), ort, torch("channels_last")],
    targets: { ONNX: 1, PyTorch: 1 },
  },
  "kernels-train": {
    workload: { ...train, models: [X400], batch: 16, res: 128 },
    sides: [ours(), library],
    targets: {},
  },
  "kernels-infer": {
    workload: { ...infer, models: [X400], batch: 1, res: 224 },
    sides: [ours(), library],
    targets: {},
  },
};

const { values, positionals } = argumentsOf(
  import.meta.url,
  { rounds: 9, json: String },
  { among: Object.keys(cases) },
);
const hasBf16 = onednn.probe().precisions?.includes("bf16");
const results = {};
for (const name of positionals.length ? positionals : Object.keys(cases)) {
  const needsBf16 = cases[name].sides.some(({ precision }) => precision === "bf16");
  if (needsBf16 && !hasBf16) console.log(`\n${name}\n  bf16: this processor has none`);
  else results[name] = await measure(name, cases[name], values.rounds);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

async function measure(name, { workload: { models, ...workload }, sides, targets }, rounds) {
  const rows = sides.map(({ label }) => ({ label, ms: 0, megabytes: 0 }));
  for (const model of models) {
    const results = await compete({ ...workload, model }, sides, rounds);
    for (const [i, { ms, megabytes }] of results.entries()) {
      rows[i].ms += ms;
      rows[i].megabytes = Math.max(rows[i].megabytes, megabytes);
    }
  }
  print(name, rows, targets);
  return rows;
}

/** One network by all sides in turn: the median time of a step or run, and the memory of one process at its peak. */
async function compete({ copies, steps, ...workload }, sides, rounds) {
  const teams = [];
  for (const { label: _, ...side } of sides) {
    const members = [];
    for (let i = 0; i < copies; i++) members.push(await Contestant.start({ ...workload, ...side }));
    teams.push({ members, times: [] });
  }
  for (const team of teams) await round(team, steps);
  for (let i = 0; i < rounds; i++) {
    for (const team of teams) team.times.push(...(await round(team, steps)));
  }
  const results = [];
  for (const { members, times } of teams) {
    const { bytes } = await members[0].memory();
    results.push({ ms: median(times), megabytes: Math.round(bytes / 2 ** 20) });
    for (const member of members) await member.stop();
  }
  return results;
}

/** One turn of a team: all its members run at once. */
async function round({ members }, steps) {
  return (await Promise.all(members.map((member) => member.run(steps)))).flat();
}

function print(name, rows, targets) {
  console.log(`\n${name}`);
  const [first] = rows;
  for (const { label, ms, megabytes } of rows) {
    const rival = Object.keys(targets).find((key) => label.startsWith(key));
    const ratio = ms / first.ms;
    const verdict = label === first.label || !rival ? "" : ratio >= targets[rival] ? "reached" : "missed";
    const goal = verdict ? `  target ${targets[rival].toFixed(2)} ${verdict}` : "";
    console.log(
      `  ${label.padEnd(28)} ${ms.toFixed(2).padStart(9)} ms  ${ratio.toFixed(2).padStart(6)} ×  ${String(megabytes).padStart(6)} MB${goal}`,
    );
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function population(count) {
  const { train, val } = spec.images;
  const images = { classes: Array(10), channels: 3, splits: { train: { count: train }, val: { count: val } } };
  const study = documentOf(
    spec.populations.find(({ name }) => name === "RegNetX"),
    "",
    images,
    count,
  );
  const { space, limits, seed, resolution, channels, classes } = study;
  return samplePopulation(space, { count, limits, seed, resolution, channels, classes }).networks.map(
    ({ spec }) => spec,
  );
}
