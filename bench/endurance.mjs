// Memory over 10,000 training steps, and over 200 executables made and disposed of, for every engine that runs here.
// Exit code 1 if either grows by more than the limit. Run with node --expose-gc, so that what the collector has not
// yet taken is not counted.
//
//   node --expose-gc bench/endurance.mjs [--steps 10000] [--executables 200] [engine…]
import { anynet, differentiate } from "@regnet/core";
import { engines, fillInputs } from "@regnet/engine";
import { argumentsOf } from "./arguments.mjs";

const LIMIT = 16 * 2 ** 20;
const WARM_UP = 250;

const { values, positionals } = argumentsOf(
  import.meta.url,
  { steps: 10000, executables: 200 },
  { among: engines.map(({ id }) => id) },
);
const net = anynet(
  { stages: [{ depth: 1, width: 32, groupWidth: 16 }], se: 0.25 },
  { batch: 4, resolution: 16, classes: 10 },
);
const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 };
const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, sgd);

for (const engine of engines) {
  if (positionals.length > 0 && !positionals.includes(engine.id)) continue;
  if (!engine.probe().available) continue;
  await report(`${engine.id}: ${values.steps} steps`, values.steps, await stepper(engine));
  await report(`${engine.id}: ${values.executables} executables`, values.executables, () => cycle(engine));
}

async function stepper(engine) {
  const executable = await engine.compile(graph);
  fillInputs(executable);
  return () => executable.run();
}

async function cycle(engine) {
  const executable = await engine.compile(graph);
  fillInputs(executable);
  await executable.run();
  executable.dispose();
  await new Promise(setImmediate);
}

/**
 * Repeats an action after a warm-up, in which V8 settles how much memory its young generation keeps. Growth is between the medians of the first and the last five of
 * twenty readings: a single one depends on which pages the collector has just given back.
 */
async function report(what, times, action) {
  for (let i = 0; i < WARM_UP; i++) await action();
  const readings = [];
  for (let i = 1; i <= times; i++) {
    await action();
    if (i % Math.ceil(times / 20) === 0) readings.push(resident());
  }
  const [before, after] = [median(readings.slice(0, 5)), median(readings.slice(-5))];
  const growth = after - before;
  console.log(`${what.padEnd(36)} ${(before / 2 ** 20).toFixed(0)} MiB, grew by ${(growth / 2 ** 20).toFixed(1)} MiB`);
  if (growth > LIMIT) process.exitCode = 1;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function resident() {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
