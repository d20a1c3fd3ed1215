// A study beside the same networks trained by two PyTorch processes: wall times, and what a study costs beyond training.
//
//   node bench/study.mjs DIR [--networks 60] [--sample 6] [--epochs 1] [--seed 0] [--rounds 2] [--json FILE]
//
// DIR holds train/CLASS/* and val/CLASS/* of square images of 32 pixels (CIFAR-10 as files, for instance). The networks
// are RegNetX of studies/paper-chain, rounded as torchvision does, with the images, recipe and batch of that study.
// Ours is `runStudy` with the local executor, from the document to the last result. PyTorch's two processes train a sample
// of the networks with one thread each, and are not charged for starting and decoding; they run in channels_last with
// malloc thresholds raised, which is where they are fastest, and write nothing. Both evaluate after every epoch with
// batch-norm statistics computed anew. What PyTorch would take for all is its time for the sample over ours for the same
// networks, times ours for all, divided by its two processes as if none of them ever waited. Needs Debian's python3-torch
// and python3-torchvision. Nothing else may be running.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createStudy, LocalExecutor, readMetrics, readTrials, runStudy, spaceSampler } from "@regnet/study";
import { openDataSet, readRecipe, subsetOf } from "@regnet/train";
import { documentOf, spec } from "../studies/paper-chain/documents.mjs";
import { argumentsOf } from "./arguments.mjs";
import { TorchTraining } from "./contestants/torch_training.mjs";

const { values, positionals } = argumentsOf(
  import.meta.url,
  { networks: 60, sample: 6, epochs: spec.epochs, seed: spec.seed, rounds: 2, json: String },
  { least: 1 },
);
if (!(values.sample >= 2 && values.sample <= values.networks))
  throw new Error(`invalid --sample ${values.sample}: two at least, and no more than --networks`);

const PROCESSES = 2;
const TARGETS = { ratio: 0.4, overhead: 0.02 };
const folder = resolve(positionals[0]);
const all = await openDataSet(folder, { resolution: spec.resolution });
const document = studyDocument();
const dataSet = subsetOf(all, { ...document.subset, seed: document.seed });
const { train, val } = dataSet.splits;
const steps = Math.floor(train.count / document.batch);
const recipe = await recipeAsUsed();

console.log(
  `${document.trials} RegNetX; ${train.count} + ${val.count} images of ${spec.resolution}², ` +
    `${document.epochs} × ${steps} steps of ${document.batch}`,
);
const rounds = [];
for (let round = 1; round <= values.rounds; round++) {
  const ours = await runHere();
  const torch = await runInTorch(ours.trials);
  rounds.push({ ours, torch });
  if (round === 1) printNetworks(ours.trials, torch.networks);
  const walls = `regnet ${seconds(ours.wall)}, PyTorch ${seconds(torch.wall)} by its sample`;
  console.log(`round ${round}: ${walls}: ${percent(ours.wall / torch.wall)}`);
}
const summary = summarise();
print(summary);
if (values.json) writeFileSync(values.json, `${JSON.stringify({ document, recipe, rounds, summary }, null, 2)}\n`);

function studyDocument() {
  const regnetX = spec.populations.find(({ name }) => name === "RegNetX");
  const published = documentOf(regnetX, folder, all, values.networks);
  const network = { ...published.space.network, convention: "torchvision" };
  const space = { ...published.space, network };
  return { ...published, space, seed: values.seed, epochs: values.epochs };
}

/** The recipe with what the study settles: epochs, batch, and the learning rate for it. */
async function recipeAsUsed() {
  const { referenceBatch, ...given } = await readRecipe(document.recipe);
  const { epochs, batch } = document;
  const statistics = Math.min(given.preciseStatistics, steps * batch);
  const learningRate = (given.learningRate * batch) / (referenceBatch ?? batch);
  return { ...given, epochs, batch, learningRate, preciseStatistics: statistics };
}

/** A new study, from its document to its last result. Times in seconds from its start. */
async function runHere() {
  const work = mkdtempSync(join(tmpdir(), "regnet-study-"));
  const started = performance.now();
  const now = () => (performance.now() - started) / 1000;
  const slots = [];
  const observer = {
    onBegin: (id, slot) => {
      slots[slot] ??= { begun: now(), ids: [] };
      slots[slot].ids.push(id);
    },
    onFinished: ({ trial: { id } }) => {
      slots.find(({ ids }) => ids.includes(id)).ended = now();
    },
  };
  const study = createStudy(join(work, "study"), document);
  const { failed } = await runStudy(study, { executor: new LocalExecutor(), sampler: spaceSampler(), observer });
  const wall = now();
  if (failed > 0) throw new Error(`${failed} trials failed`);
  const records = readTrials({ ...study, sampled: { trials: document.trials } });
  const trials = records.map((record) => accountOf(study, record));
  rmSync(work, { recursive: true, force: true });
  return { wall, trials, workers: slots.length, parts: partsOf(wall, slots, trials) };
}

/** Where a trial's time went, by what it recorded itself. */
function accountOf(study, { trial, result }) {
  const epochs = readMetrics(study.layout.trial(trial.id).metrics);
  const stepping = epochs.map(({ step, imagesPerSecond }, i) => {
    const taken = step - (epochs[i - 1]?.step ?? 0);
    return (taken * document.batch) / imagesPerSecond;
  });
  const evaluations = epochs.map(({ evaluation }) => evaluation);
  const { model, complexity, seed, id } = trial;
  const top1 = 1 - result.finalError;
  return {
    id,
    model,
    complexity,
    seed,
    top1,
    seconds: result.seconds,
    steps: sum(stepping),
    evaluation: sum(evaluations),
    preparation: result.trainingSeconds - sum(stepping) - sum(evaluations),
    around: result.seconds - result.trainingSeconds,
  };
}

/** The workers' time, a network: what the trials recorded, and what lies between and around them. */
function partsOf(wall, slots, trials) {
  const mean = (value) => sum(trials.map(value)) / trials.length;
  const each = (value) => sum(slots.map(value)) / trials.length;
  const last = Math.max(...slots.map(({ ended }) => ended));
  return {
    steps: mean(({ steps }) => steps),
    evaluation: mean(({ evaluation }) => evaluation),
    preparation: mean(({ preparation }) => preparation),
    around: mean(({ around }) => around),
    between: each(({ begun, ended }) => ended - begun) - mean((trial) => trial.seconds),
    ends: each(({ begun }) => begun + wall - last),
    idle: each(({ ended }) => last - ended),
  };
}

async function runInTorch(population) {
  const trials = population.slice(0, values.sample);
  const shares = balanced(trials);
  const jobs = shares.map((networks) =>
    TorchTraining.start({ dataSet, recipe, networks, threads: 1, resolution: spec.resolution }),
  );
  const processes = await Promise.all(jobs);
  const results = await Promise.all(processes.map((process) => process.run()));
  const networks = [];
  for (const [share, of] of results.entries()) {
    for (const [i, result] of of.entries()) networks[shares[share][i].id] = result;
  }
  for (const { id, complexity } of trials) {
    const { params } = networks[id];
    if (params === complexity.params) continue;
    throw new Error(`network ${id} differs: ${complexity.params} parameters here, ${params} in PyTorch`);
  }
  const took = (of) => sum(of.map((each) => each.seconds));
  return { networks, wall: (took(population) * (took(networks) / took(trials))) / PROCESSES };
}

/** The networks dealt out so that each process gets about the same flops: the greatest first, to the least laden. */
function balanced(trials) {
  const shares = Array.from({ length: PROCESSES }, () => []);
  const flops = (share) => sum(share.map(({ complexity }) => complexity.flops));
  for (const trial of trials.toSorted((a, b) => b.complexity.flops - a.complexity.flops)) {
    const open = shares.filter(({ length }) => length < Math.ceil(trials.length / PROCESSES));
    open.reduce((least, share) => (flops(share) < flops(least) ? share : least)).push(trial);
  }
  return shares;
}

function summarise() {
  const mean = (value) => sum(rounds.map(value)) / rounds.length;
  const part = (name) => mean(({ ours }) => ours.parts[name]);
  const parts = Object.fromEntries(Object.keys(rounds[0].ours.parts).map((name) => [name, part(name)]));
  const total = sum(Object.values(parts));
  const learning = parts.steps + parts.evaluation;
  const training = learning + parts.preparation;
  const [ours, torch] = [mean((round) => round.ours.wall), mean((round) => round.torch.wall)];
  // A worker that finds nothing left to begin waits however the study is run, since a training cannot be divided.
  const overhead = {
    ofStudy: (total - parts.idle) / training - 1,
    withIdle: total / training - 1,
    ofAll: (total - parts.idle) / learning - 1,
  };
  return { ours, torch, ratio: ours / torch, learning, parts, overhead };
}

function printNetworks(trials, networks) {
  console.log("network    flops  parameters   top-1: regnet  PyTorch   seconds: regnet  PyTorch");
  const chosen = trials.filter(({ id }) => networks[id]);
  for (const { id, complexity, top1, seconds: took } of chosen) {
    const other = networks[id];
    const cells = [
      String(id).padStart(7),
      (complexity.flops / 1e6).toFixed(2).padStart(8),
      String(complexity.params).padStart(12),
      percent(top1).padStart(16),
      percent(other.top1[other.top1.length - 1]).padStart(9),
      took.toFixed(2).padStart(18),
      other.seconds.toFixed(2).padStart(9),
    ];
    console.log(cells.join(""));
  }
  const mean = (values) => sum(values) / values.length;
  const here = mean(chosen.map(({ top1 }) => top1));
  const there = mean(networks.map(({ top1 }) => top1[top1.length - 1]));
  console.log(`mean top-1: regnet ${percent(here)}, PyTorch ${percent(there)}`);
}

function print({ ours, torch, ratio, learning, parts, overhead }) {
  const verdict = (value, target) =>
    `${percent(value)}, target ${percent(target)} ${value <= target ? "reached" : "missed"}`;
  const share = (name) => `${seconds(parts[name])} ${percent(parts[name] / learning)}`;
  console.log(`${document.trials} networks: regnet ${seconds(ours)}, PyTorch ${seconds(torch)}`);
  console.log(`  of PyTorch's time ${verdict(ratio, TARGETS.ratio)}`);
  console.log(`a network: ${seconds(learning)} of steps and evaluations`);
  console.log(`  steps                                       ${share("steps")}`);
  console.log(`  evaluations                                 ${share("evaluation")}`);
  console.log(`  graphs, weights, compiling, checkpoints     ${share("preparation")}`);
  console.log(`  set-up, claim, result                       ${share("around")}`);
  console.log(`  between trials                              ${share("between")}`);
  console.log(`  the study's and its workers' start and end  ${share("ends")}`);
  console.log(`  nothing left to begin, others still at work ${share("idle")}`);
  console.log(`  beyond steps and evaluations ${verdict(overhead.ofAll, TARGETS.overhead)}`);
  console.log(`  beyond each training by itself ${verdict(overhead.ofStudy, TARGETS.overhead)}`);
  console.log(`  the same with the wait for the last trials ${verdict(overhead.withIdle, TARGETS.overhead)}`);
}

function seconds(value) {
  return `${value.toFixed(value < 10 ? 3 : 1)} s`;
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
