// How long commands take as whole processes, beside Node's own start: what people wait for at the prompt.
//
//   node bench/startup.mjs [--trials 10000] [--rounds 20] [--json]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalExecutor, newStudy, openStudy, runStudy, spaceSampler } from "@regnet/study";
import { argumentsOf } from "./arguments.mjs";

const { values } = argumentsOf(import.meta.url, { trials: 10000, rounds: 20, json: false });
const COMMAND = fileURLToPath(new URL("../packages/cli/bin/regnet.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "regnet-bench-"));

try {
  await makeStudy();
  const figures = measure({
    "node -e 0": ["-e", "0"],
    "regnet --help": [COMMAND, "--help"],
    "regnet describe RegNetX-400MF": [COMMAND, "describe", "RegNetX-400MF"],
    "regnet sample RegNetX -n 10": [COMMAND, "sample", "RegNetX", "-n", "10"],
    [`regnet study status, ${values.trials} finished trials`]: [COMMAND, "study", "status", folder],
    "regnet doctor": [COMMAND, "doctor"],
  });
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else for (const figure of figures) console.log(line(figure));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function makeStudy() {
  const limits = { flops: { max: 20e6 } };
  const document = { name: "bench", task: "simulate", space: "RegNetX", limits, trials: values.trials };
  await newStudy(folder, { ...document, epochs: 1, simulate: { milliseconds: 0 } }, spaceSampler());
  await runStudy(openStudy(folder), { executor: new LocalExecutor({ workers: 2 }), sampler: spaceSampler() });
}

/** Runs the commands in turn, so that what else the machine does meets them alike; the first round is not counted. */
function measure(commands) {
  const times = Object.entries(commands).map(([name, args]) => ({ name, args, milliseconds: [] }));
  for (let round = 0; round <= values.rounds; round++) {
    for (const { args, milliseconds } of times) {
      const time = once(args);
      if (round > 0) milliseconds.push(time);
    }
  }
  return times.map(({ name, milliseconds }) => {
    const sorted = milliseconds.sort((a, b) => a - b);
    return { name, median: sorted[Math.floor(sorted.length / 2)], least: sorted[0], most: sorted.at(-1) };
  });
}

function once(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with exit code ${status}: ${stderr}`);
  return time;
}

function line({ name, median, least, most }) {
  return `${name.padEnd(46)} ${median.toFixed(0).padStart(5)} ms  (${least.toFixed(0)} … ${most.toFixed(0)})`;
}
