// Memory over 10,000 training steps, and over 200 executables made and disposed of, for every engine that runs here.
// Exit code 1 if either grows by more than the limit. Run with node --expose-gc, so that what the collector has not
// yet taken is not counted.
//
//   node --expose-gc bench/endurance.mjs [--steps 10000] [--executables 200] [engine…]
import { parseArgs } from "node:util";
import { anynet, differentiate } from "@regnet/core";
import { engines, fillInputs } from "@regnet/engine";

const LIMIT = 16 * 2 ** 20;

const { values, positionals } = parseArgs({
  options: { steps: { type: "string", default: "10000" }, executables: { type: "string", default: "200" } },
  allowPositionals: true,
});
const net = anynet(
  { stages: [{ depth: 1, width: 32, groupWidth: 16 }], se: 0.25 },
  { batch: 4, resolution: 16, classes: 10 },
);
const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 };
const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, sgd);

for (const engine of engines) {
  if (positionals.length > 0 && !positionals.includes(engine.id)) continue;
  if (!engine.probe().available) continue;
  await report(`${engine.id}: ${values.steps} steps`, Number(values.steps), await stepper(engine));
  await report(`${engine.id}: ${values.executables} executables`, Number(values.executables), () => cycle(engine));
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

/** Repeats an action; the first tenth is warm-up. */
async function report(what, times, action) {
  for (let i = 0; i < times / 10; i++) await action();
  const before = resident();
  for (let i = 0; i < times; i++) await action();
  const growth = resident() - before;
  console.log(`${what.padEnd(36)} ${(before / 2 ** 20).toFixed(0)} MiB, grew by ${(growth / 2 ** 20).toFixed(1)} MiB`);
  if (growth > LIMIT) process.exitCode = 1;
}

function resident() {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
