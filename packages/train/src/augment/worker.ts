import { parentPort, workerData } from "node:worker_threads";
import { useGate } from "@regnet/engine/nativeGate";
import { adoptMapping } from "../data/pack/mapping.js";
import { openHandle } from "../data/packedDataSet.js";
import { BatchMaker } from "./batchMaker.js";
import { awaitFree, markFull, ringSlots } from "./ring.js";
import type { WorkerTask } from "./workerTask.js";

/** Fills its ring with one batch after the other; a message says that there is one more. */
function run({ handle, plan, ring, shared, gate, steps, first, stride }: WorkerTask): void {
  useGate(gate);
  for (const [path, content] of shared) adoptMapping(path, content);
  const maker = new BatchMaker(openHandle(handle), plan);
  const slots = ringSlots(ring);
  const count = steps.end - steps.first;
  for (let turn = first, at = 0; steps.repeat || turn < count; turn += stride, at = (at + 1) % slots.length) {
    awaitFree(ring, at);
    markFull(ring, at, maker.make(steps.first + (turn % count), slots[at]));
    parentPort?.postMessage(null);
  }
}

run(workerData as WorkerTask);
