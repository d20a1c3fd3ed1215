/**
 * The paper's chain of design spaces at a small budget: `node studies/paper-chain/run.mjs --data FOLDER`.
 *
 * Samples every population of spec.json, trains it briefly, and writes results.json and the reports beside it. Run again
 * after it was stopped, it goes on. `--networks N` takes fewer or more, `--work DIR` is where the studies lie, `--workers N` how many networks
 * are trained at once (default: as many as pay off).
 */
import { writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  createStudy,
  LocalExecutor,
  openStudy,
  publishedClaims,
  reportPage,
  runStudy,
  spaceSampler,
  studyReport,
} from "@regnet/study";
import { openDataSet } from "@regnet/train";
import { documentOf, spec } from "./documents.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: args } = parseArgs({
  options: {
    data: { type: "string" },
    networks: { type: "string" },
    workers: { type: "string" },
    work: { type: "string", default: join(here, "..", ".work", "paper-chain") },
    out: { type: "string", default: here },
  },
});
if (!args.data) throw new Error("missing --data: a folder of class folders, such as CIFAR-10 as JPEG files");

const data = resolve(args.data);
const networks = Number(args.networks ?? spec.networks);
const dataSet = await openDataSet(data, { resolution: spec.resolution });
const signal = stopOnInterrupt();

const studies = [];
for (const population of spec.populations) {
  const study = await runPopulation(population);
  studies.push(study);
}
writeResults(studies);

/** Samples and trains one population, or goes on with it. */
async function runPopulation(population) {
  const folder = join(args.work, population.name);
  const study = createStudy(folder, documentOf(population, data, dataSet, networks));
  const since = performance.now();
  const { done, failed, waiting } = await runStudy(study, {
    executor: new LocalExecutor({ workers: args.workers && Number(args.workers) }),
    sampler: spaceSampler(),
    trials: networks,
    signal,
  });
  const seconds = Math.round((performance.now() - since) / 1000);
  process.stderr.write(`${population.name}: ${done} trained, ${failed} failed, ${waiting} waiting, ${seconds} s\n`);
  if (waiting > 0) process.exit(1);
  return openStudy(folder);
}

function writeResults(populations) {
  const command = "node studies/paper-chain/run.mjs --data cifar10";
  for (const language of ["en", "zh"]) {
    const report = studyReport(populations, { language, command });
    const claims = publishedClaims(report.analysis.comparisons);
    const title =
      language === "zh" ? "论文的设计空间链，小预算复现" : "The paper's chain of design spaces at a small budget";
    const seconds = report.trials.reduce((sum, trial) => sum + (trial.seconds ?? 0), 0);
    const facts = {
      ...report.reproduction,
      data: "CIFAR-10 (JPEG)",
      machine: language === "zh" ? "每个网络一个线程" : "one thread a network",
      took: `${Math.round(seconds)} s`,
    };
    const page = reportPage({ ...report, title, claims, reproduction: facts });
    writeFileSync(join(args.out, language === "zh" ? "report.zh.html" : "report.html"), page);
    if (language === "en")
      writeFileSync(join(args.out, "results.json"), `${JSON.stringify(resultsOf(report, claims))}\n`);
  }
}

function resultsOf({ trials, analysis }, claims) {
  const round = (value) => Number(value.toPrecision(5));
  return {
    spec: { ...spec, networks },
    claims: claims.map(({ comparison, says, here, margin }) => ({ ...comparison, says, here, margin })),
    comparisons: analysis.comparisons,
    bestOfK: analysis.efficiency,
    trials: trials.map(({ id, population, stages, parameters, complexity, error, seconds }) => ({
      ...{ id, population, error: round(error), seconds: round(seconds), flops: complexity.flops },
      ...{ params: complexity.params, acts: complexity.acts, parameters },
      ...{ widths: stages.widths, depths: stages.depths, groupWidths: stages.groupWidths },
    })),
  };
}

/** The first Ctrl-C lets the running trials leave checkpoints. */
function stopOnInterrupt() {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => stop.abort(new Error("interrupted")));
  return stop.signal;
}
