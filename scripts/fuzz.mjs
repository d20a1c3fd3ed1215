#!/usr/bin/env node
// Damages valid files at random and reads them: no crash, no hang, no error but a RegnetError, no memory beyond a small
// constant times the file's size.
//
//   node scripts/fuzz.mjs [seconds per reader, default 60] [--reader pth|safetensors|idx|onnx] [--seed N] [--case N]
//
// A failure prints the seed and the case; --reader, --seed and --case make that one again and write it to a file.
import { writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { makeCase, tryCase } from "./fuzz/cases.mjs";
import { readers } from "./fuzz/readers.mjs";

const HANG_SECONDS = 10;
/** A read may use this much of the heap; a worker that needs more is ended, which fails the run. */
const HEAP_MEGABYTES = 160;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { reader: { type: "string" }, seed: { type: "string" }, case: { type: "string" } },
});
const seconds = Number(positionals[0] ?? 60);
const seed = Number(options.seed ?? Date.now() % 1_000_000);
const names = options.reader ? [options.reader] : Object.keys(readers);
const strange = names.find((name) => !Object.hasOwn(readers, name));
if (strange || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz.mjs [seconds] [--reader pth|safetensors|idx|onnx] [--seed N] [--case N]");
  process.exit(2);
}

if (options.case !== undefined) await repeat(names[0], Number(options.case));
else await fuzzAll();

/** As many readers at once as there are processors. */
async function fuzzAll() {
  const waiting = [...names];
  const lane = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) await fuzz(name);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

async function repeat(name, index) {
  const bytes = makeCase(readers[name], seed, index);
  const path = join(tmpdir(), `regnet-fuzz-${name}-${seed}-${index}.bin`);
  writeFileSync(path, bytes);
  const { refused, problem } = await tryCase(readers[name], bytes);
  console.log(`${path}: ${problem ?? (refused ? "refused" : "read")}`);
  process.exitCode = problem ? 1 : 0;
}

async function fuzz(name) {
  const progress = new SharedArrayBuffer(4);
  const workerData = { name, seed, first: 0, seconds, progress };
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MEGABYTES };
  const worker = new Worker(new URL("./fuzz/worker.mjs", import.meta.url), { workerData, resourceLimits });
  const outcome = await watch(worker, new Int32Array(progress));
  if (outcome.result) {
    const { cases, refused, slowest } = outcome.result;
    const share = ((100 * refused) / Math.max(1, cases)).toFixed(0);
    console.log(
      `${name}: ${cases} files in ${seconds} s, ${share} % refused, slowest ${slowest.toFixed(0)} ms (seed ${seed})`,
    );
    return;
  }
  console.error(`${name}: ${outcome.problem}`);
  console.error(`again: node scripts/fuzz.mjs --reader ${name} --seed ${seed} --case ${outcome.index}`);
  process.exitCode = 1;
}

/** What a worker reports, or that it hangs or died, with the case it was at. */
function watch(worker, counter) {
  return new Promise((resolve) => {
    let [last, since] = [-1, performance.now()];
    const finish = (outcome) => {
      clearInterval(timer);
      void worker.terminate();
      resolve(outcome);
    };
    const timer = setInterval(() => {
      const at = Atomics.load(counter, 0);
      if (at !== last) [last, since] = [at, performance.now()];
      else if (performance.now() - since > 1000 * HANG_SECONDS) finish({ problem: "it hangs", index: at });
    }, 500);
    worker.on("message", finish);
    worker.on("error", (error) => finish({ problem: `it died: ${error.message}`, index: Atomics.load(counter, 0) }));
  });
}
