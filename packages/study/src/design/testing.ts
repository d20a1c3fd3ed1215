import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { countModel } from "@regnet/core";
import type { Executor } from "../executors/executor.js";
import { readTrial } from "../study/read.js";
import { runTrial } from "../study/runTrial.js";
import type { Study } from "../study/study.js";
import type { Task } from "../study/task.js";
import type { DesignTools } from "./context.js";

/** Runs simulated trials in this process, one after another. `taskOf`: what a trial does in place of the study's task. */
export function inProcess(taskOf: (study: Study, id: number) => Task | undefined = () => undefined): Executor {
  return {
    id: "in-process",
    probe: async () => ({ available: true, description: "this process" }),
    async run(study, ids, observer, signal) {
      for (const id of ids) {
        if (signal.aborted) return;
        const outcome = await runTrial(study, id, { signal, task: taskOf(study, id) });
        const trial = readTrial(study, id);
        if (outcome.kind === "finished" && trial) observer.onFinished?.({ trial, result: outcome.result });
      }
    },
  };
}

/** Tools with which a design trains nothing: made-up errors, and accuracies that depend on the networks. */
export function simulatedTools(): DesignTools {
  let ticks = 0;
  return {
    now: () => ticks++ / 1000,
    executor: () => inProcess(),
    task: "simulate",
    speed: async () => ({ engine: "onnxruntime", precision: "fp32", imagesPerSecond: 1e4 }),
    measure: () => async (model, input) => 0.1 + countModel(model, input).flops / 1e8,
    writer: async ({ folder }) => {
      const path = join(folder, "network.onnx");
      writeFileSync(path, "onnx");
      return { files: [{ path, purpose: "onnx" }], int8: { accuracy: 0.79, images: 500, bytes: 2 } };
    },
  };
}
