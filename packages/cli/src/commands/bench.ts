import { RegnetError } from "@regnet/core";
import { measureApart } from "@regnet/engine";
import { Argument, type Command, Option } from "commander";
import { formatCsv } from "../bench/csv.js";
import { type BenchFlags, type PlannedWorkload, planWorkloads } from "../bench/plan.js";
import { type BenchResult, formatResult, formatSummary } from "../bench/text.js";
import { UsageError } from "../errors.js";
import { addInputOptions, addRuleOptions, chooseModel, type ModelFlags } from "../model.js";
import { parseCount, parseNumber } from "../quantities.js";

interface Flags extends ModelFlags, BenchFlags {
  profile?: boolean;
  time: number;
  json?: boolean;
  csv?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("bench")
    .summary("latency and throughput on this device")
    .description("Times networks on this device: each in a process of its own, warmed up, one after the other.")
    .addArgument(new Argument("[models...]", "published names or models' .json files; or give one by its parameters"))
    .option("--engine <names>", "auto, all, onednn, onnxruntime, or several with commas", "auto")
    .option("--batch <sizes>", "images a run; several with commas", "1")
    .option("--precision <names>", "fp32, bf16, both with a comma, or all that run here", "fp32")
    .option("--train", "a training step instead of inference")
    .option("--threads <n>", "default: one a physical core", (text) => parseCount(text, "--threads"))
    .addOption(new Option("--provider <name>", "ONNX Runtime's (default: cpu)").choices(["cpu", "cuda", "webgpu"]))
    .option("--time <seconds>", "to spend on each", parseSeconds, 3)
    .option("--profile", "the slowest layers of each, and what would make it faster")
    .option("--json", "for machines")
    .option("--csv", "for spreadsheets");
  addInputOptions(addRuleOptions(command)).addHelpText("after", EXAMPLES).action(bench);
}

async function bench(names: readonly string[], flags: Flags): Promise<void> {
  const models = await Promise.all((names.length > 0 ? names : [undefined]).map((name) => chooseModel(name, flags)));
  const quiet = flags.json || flags.csv;
  const results: BenchResult[] = [];
  for (const planned of planWorkloads(models, flags)) {
    const result = await measured(planned, flags);
    results.push(result);
    if (!quiet) process.stdout.write(`${formatResult(result)}\n\n`);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify({ results }, null, 2)}\n`);
  else if (flags.csv) process.stdout.write(`${formatCsv(results)}\n`);
  else process.stdout.write(`${formatSummary(results)}\n`.trimStart());
  if (results.some(({ error }) => error !== undefined)) process.exitCode = 1;
}

async function measured(
  { name, workload }: PlannedWorkload,
  { time, profile, json, csv }: Flags,
): Promise<BenchResult> {
  try {
    return { name, workload, measurement: await measureApart(workload, { seconds: time, profile }) };
  } catch (error) {
    if (!(error instanceof RegnetError)) throw error;
    if (json || csv) process.stderr.write(`error: ${name}: ${error.message}\n`);
    return { name, workload, error: error.message };
  }
}

function parseSeconds(text: string): number {
  const seconds = parseNumber(text, "--time");
  if (seconds <= 0) throw new UsageError(`invalid --time: got ${seconds}, expected seconds above 0`);
  return seconds;
}

const EXAMPLES = `
Examples:
  regnet bench RegNetX-400MF                           latency of one image
  regnet bench RegNetX-400MF RegNetY-400MF --batch 1,16 --engine all
  regnet bench regnety_008 --train --batch 16 --res 128
  regnet bench RegNetX-400MF --precision all --profile
  regnet bench --w0 24 --wa 36.44 --wm 2.49 --depth 13 --group-width 8 --profile
  regnet bench convnext_tiny --json | jq .results[0].measurement.timing.mean`;
