import { parentPort, workerData } from "node:worker_threads";
import { makeCase, tryCase } from "./cases.mjs";
import { readers } from "./readers.mjs";

const { name, seed, first, seconds, progress } = workerData;
const counter = new Int32Array(progress);
const until = performance.now() + 1000 * seconds;
const result = { cases: 0, refused: 0, slowest: 0 };

for (let index = first; performance.now() < until; index++) {
  Atomics.store(counter, 0, index);
  const { refused, problem, milliseconds } = await tryCase(readers[name], makeCase(readers[name], seed, index));
  if (problem) {
    parentPort.postMessage({ problem, index });
    break;
  }
  result.cases++;
  if (refused) result.refused++;
  result.slowest = Math.max(result.slowest, milliseconds);
}
parentPort.postMessage({ result });
