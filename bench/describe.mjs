// How many networks a second the rule and the complexity describe, on one thread, and how long `regnet --help` takes.
//
//   node bench/describe.mjs [--rounds 9] [--json FILE]
//
// Nothing else may be running. pycls's figure was measured on the same kind of machine, with its own functions
// (generate_regnet, adjust_block_compatibility and the network's complexity), one network after another.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { below, countedInput, findSpace, PopulationSampler, RegNetCounter, randomFor, uniform } from "@regnet/core";
import { argumentsOf } from "./arguments.mjs";

const PYCLS = 7400;
const NETWORKS = 200_000;
const COMMAND = new URL("../packages/cli/bin/regnet.js", import.meta.url).pathname;

const { values: flags } = argumentsOf(import.meta.url, { rounds: 9, json: String });
const { rounds } = flags;
const networks = drawParameters(NETWORKS);

const rates = {
  library: repeat(rounds, libraryRate),
  batch: await repeatAsync(rounds, batchRate),
  sampled: repeat(rounds, samplingRate),
};
const start = {
  help: repeat(rounds, () => startTime([COMMAND, "--help"])),
  node: repeat(rounds, () => startTime(["-e", "0"])),
};

row("described in the library", rates.library, "networks/s", 500_000);
row("through describe --batch, start included", rates.batch, "networks/s", 100_000);
row("drawn from RegNetX-constrained and looked at", rates.sampled, "networks/s");
console.log(
  `pycls: ${group(PYCLS)} networks/s, ${Math.round(median(rates.library) / PYCLS)} times slower than the library`,
);
row("regnet --help", start.help, "ms", 120);
row("node alone", start.node, "ms");
if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ pycls: PYCLS, rates, start }, null, 2)}\n`);

/** Parameters over the ranges of the authors' sweeps. */
function drawParameters(count) {
  const random = randomFor(1, "bench");
  return Array.from({ length: count }, () => ({
    w0: 8 * (1 + below(random, 32)),
    wa: Math.round(80 + 1000 * uniform(random)) / 10,
    wm: Math.round(2000 + 1000 * uniform(random)) / 1000,
    depth: 12 + below(random, 17),
    groupWidth: 8 * (1 + below(random, 16)),
  }));
}

function libraryRate() {
  const counter = new RegNetCounter();
  const input = countedInput({});
  let total = 0;
  const begin = performance.now();
  for (const parameters of networks) {
    counter.regnet(parameters, input);
    total += counter.flops;
  }
  const seconds = (performance.now() - begin) / 1000;
  if (!(total > 0)) throw new Error("nothing was counted");
  return networks.length / seconds;
}

async function batchRate() {
  const folder = mkdtempSync(join(tmpdir(), "regnet-bench-"));
  try {
    const path = join(folder, "networks.jsonl");
    writeFileSync(path, `${networks.map((parameters) => JSON.stringify(parameters)).join("\n")}\n`);
    const begin = performance.now();
    const lines = await countLines(
      spawn(process.execPath, [COMMAND, "describe", "--batch"], { stdio: [openSync(path), "pipe", "inherit"] }),
    );
    if (lines !== networks.length) throw new Error(`got ${lines} lines, expected ${networks.length}`);
    return lines / ((performance.now() - begin) / 1000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function countLines(child) {
  let lines = 0;
  for await (const chunk of child.stdout) for (const byte of chunk) if (byte === 10) lines++;
  return lines;
}

function samplingRate() {
  const sampler = new PopulationSampler(findSpace("RegNetX-constrained"), {
    count: NETWORKS,
    limits: { flops: { min: 396e6, max: 404e6 } },
  });
  const begin = performance.now();
  sampler.advance(NETWORKS);
  return sampler.acceptance.drawn / ((performance.now() - begin) / 1000);
}

function startTime(args) {
  const begin = performance.now();
  const { status } = spawnSync(process.execPath, args);
  if (status !== 0) throw new Error(`${args.join(" ")} failed`);
  return performance.now() - begin;
}

function repeat(count, measure) {
  return Array.from({ length: count }, () => measure());
}

async function repeatAsync(count, measure) {
  const results = [];
  for (let i = 0; i < count; i++) results.push(await measure());
  return results;
}

function row(name, figures, unit, target) {
  const sorted = [...figures].sort((a, b) => a - b);
  const wanted = target ? `   (target ${unit === "ms" ? "≤" : "≥"} ${group(target)})` : "";
  const range = `${group(sorted[0])} … ${group(sorted[sorted.length - 1])}`;
  console.log(`${name}: ${group(median(figures))} ${unit}, range ${range}${wanted}`);
}

function median(figures) {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}

function group(value) {
  return Math.round(value).toLocaleString("en-US");
}
