// regnet's side of bench/speed.mjs, and ONNX Runtime's (engine "onnxruntime"): builds one workload and times it on
// request. Speaks the JSON lines of torch_contestant.py.
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { buildModel, differentiate, findModel } from "@regnet/core";
import { onednn, onnxruntime } from "@regnet/engine";

const engines = { onednn, onnxruntime };

let workload;
for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await answer(what, request))}\n`);
}
workload?.executable.dispose();

async function answer(what, request) {
  if (what === "setup") {
    workload = await setup(request);
    return { ready: `regnet ${request.engine}`, notes: workload.executable.notes };
  }
  if (what === "run") return { ms: await run(request.steps) };
  return { bytes: peak() - workload.before, planned: workload.executable.memory.total };
}

async function setup({ engine, task, model, batch, res, classes, precision, threads }) {
  const before = resident();
  const options = { batch, resolution: res, classes };
  const forward = buildModel(model.name ? findModel(model.name).spec : { family: "regnet", ...model }, options);
  const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 };
  const graph = task === "train" ? differentiate(forward, { kind: "softmaxCrossEntropy" }, sgd) : forward;
  const executable = await engines[engine].compile(graph, { threads, precision });
  const images = Float32Array.from({ length: batch * 3 * res * res }, () => Math.random() * 2 - 1);
  const targets = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i++) targets[i * classes + ((i * 37) % classes)] = 1;
  return { executable, before, images, targets, task };
}

async function run(steps) {
  const { executable, images, targets, task } = workload;
  const times = [];
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    executable.input("image").set(images);
    if (task === "train") {
      executable.input("target").set(targets);
      executable.input("learningRate")[0] = 0.01;
    }
    await executable.run();
    const read = executable.output(task === "train" ? "loss" : "logits")[0];
    if (!Number.isFinite(read)) throw new Error(`the ${task} workload gave ${read}`);
    times.push(performance.now() - start);
  }
  return times;
}

function resident() {
  return process.memoryUsage.rss();
}

function peak() {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
}
