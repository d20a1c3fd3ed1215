// What a study costs beyond training, and what its coordinator bears: simulated trials of a millisecond each.
//
//   node bench/coordinator.mjs [--trials 10000] [--workers 2] [--milliseconds 1] [--epochs 4] [--json]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { LocalExecutor, newStudy, openStudy, runStudy, spaceSampler, studyStatus } from "@regnet/study";
import { argumentsOf } from "./arguments.mjs";

const { values } = argumentsOf(import.meta.url, {
  trials: 10000,
  workers: availableParallelism(),
  milliseconds: 1,
  epochs: 4,
  json: false,
});
const { trials, workers, milliseconds } = values;
const folder = mkdtempSync(join(tmpdir(), "regnet-bench-"));
const figures = {};
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

try {
  await measure();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.json) console.log(JSON.stringify(figures, null, 2));
else for (const [what, value] of Object.entries(figures)) console.log(`${what.padEnd(44)} ${value}`);

async function measure() {
  const document = {
    name: "bench",
    task: "simulate",
    space: "RegNetX",
    limits: { flops: { max: 20e6 } },
    trials,
    epochs: values.epochs,
    simulate: { milliseconds },
  };
  figures["sampling, s"] = await seconds(() => newStudy(folder, document, spaceSampler()));
  const resident = [];
  const kept = [];
  let finished = 0;
  const observer = {
    onFinished: () => {
      if (++finished % Math.max(1, Math.floor(trials / 10)) !== 0) return;
      resident.push(mebibytes(process.memoryUsage().rss, 0));
      collect();
      const { heapUsed, external } = process.memoryUsage();
      kept.push(mebibytes(heapUsed + external, 1));
    },
  };
  const executor = new LocalExecutor({ workers });
  const run = () => runStudy(openStudy(folder), { executor, sampler: spaceSampler(), observer });
  const wall = Number(await seconds(run));
  figures[`run of ${trials} trials of ${milliseconds} ms by ${workers}, s`] = wall.toFixed(2);
  const beyond = (wall * 1000 * workers) / trials - milliseconds;
  figures["a worker's time beyond the trial, ms a trial"] = beyond.toFixed(2);
  figures["share of a trial of one minute, %"] = ((100 * beyond) / 60_000).toFixed(4);
  figures["coordinator at each tenth: resident, MiB"] = resident.join(" ");
  figures["what it keeps, garbage collected, MiB"] = kept.join(" ");
  figures["run again with nothing to do, s"] = await seconds(run);
  studyStatus(openStudy(folder));
  figures["status in the library, ms"] = (1000 * Number(await seconds(() => studyStatus(openStudy(folder))))).toFixed(
    0,
  );
  const command = (...args) => seconds(() => expectSuccess(args));
  figures["regnet study status, whole process, s"] = await command("status", folder);
  figures["regnet study report, whole process, s"] = await command("report", folder);
  rmSync(join(folder, "index.sqlite"));
  figures["status that makes the index anew, s"] = await seconds(() => studyStatus(openStudy(folder)));
}

function expectSuccess(args) {
  const bin = new URL("../packages/cli/bin/regnet.js", import.meta.url).pathname;
  const { status, stderr } = spawnSync(process.execPath, [bin, "study", ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

async function seconds(work) {
  const start = performance.now();
  await work();
  return ((performance.now() - start) / 1000).toFixed(3);
}

function mebibytes(bytes, digits) {
  return (bytes / 2 ** 20).toFixed(digits);
}
