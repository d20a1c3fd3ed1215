import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { DesignRequestInput, DesignResult, Language } from "@regnet/study";
import { type Command, Option } from "commander";
import { parseBudget, parseBudgets, parseLatency } from "../design/budgets.js";
import { openReport } from "../design/openReport.js";
import { createView } from "../design/progress.js";
import { parseDuration } from "../duration.js";
import { UsageError } from "../errors.js";
import { parseCount } from "../quantities.js";
import { addExecutorOptions, createExecutor, type ExecutorFlags, isSlurm } from "./study/executor.js";

interface Flags
  extends Pick<DesignRequestInput, "flops" | "params" | "acts" | "latency" | "memory">,
    Omit<ExecutorFlags, "trialsPerTask"> {
  data: string;
  time: number;
  space?: string;
  resolution?: number;
  recipe: string;
  seed: number;
  engine?: "auto" | "onednn" | "onnxruntime";
  precision: "auto" | "fp32" | "bf16";
  threads?: number;
  pretrained?: string[];
  entrants?: number;
  steps?: number;
  output: string;
  lang: Language;
  open: boolean;
  json?: boolean;
}

/** Adds `regnet design`. */
export function register(program: Command): void {
  const count =
    (option: string, least = 1) =>
    (text: string) =>
      parseCount(text, option, least);
  const command = program
    .command("design")
    .summary("from a budget and images to the best network, with the evidence")
    .description(
      "Design a network for images and a budget. Networks race: the worse ones fall, the others go on, the last is trained to the end.",
    )
    .requiredOption("--data <folder|name>", "a folder of class folders, an archive, or fashion-mnist or shapes")
    .option("--flops <n|range|list>", "multiply-adds: 3M, 2M..3M, or 1M,3M,9M for a family", (t) =>
      parseBudgets(t, "--flops"),
    )
    .option("--params <n|range>", "parameters: 500K", (t) => parseBudget(t, "--params"))
    .option("--acts <n|range>", "activations: 2M", (t) => parseBudget(t, "--acts"))
    .option("--latency <ms|range>", "milliseconds an image on this device: 2ms", (t) => parseLatency(t, "--latency"))
    .option("--memory <bytes|range>", "bytes at inference: 10M", (t) => parseBudget(t, "--memory"))
    .addOption(
      new Option("--time <duration>", "for all of it: 3m, 1h30m")
        .argParser((t) => parseDuration(t, "--time"))
        .default(600, "10m"),
    )
    .option("--space <name|file>", "a design space (default: the constrained RegNetY, for small images its small form)")
    .option(
      "--res, --resolution <pixels>",
      "side of the images (default: what they have and the budget affords)",
      count("--res"),
    )
    .option("--recipe <name|file>", "how networks are trained", "quick")
    .option(
      "--pretrained <run|file|hf:name>",
      "a network that races with its weights; may be repeated",
      (text: string, before: string[] = []) => [...before, existsSync(text) ? resolve(text) : text],
    )
    .option("--entrants <n>", "networks in the race (default: as many as the time affords)", count("--entrants"))
    .option("--steps <n>", "steps of the winner in place of --time: repeatable to the last bit", count("--steps"))
    .option("--seed <n>", "seed of all that is random", count("--seed", 0), 0)
    .addOption(new Option("--engine <id>", "default: the fastest here").choices(["auto", "onednn", "onnxruntime"]))
    .addOption(
      new Option("--precision <p>", "of training; auto: the faster one here")
        .choices(["auto", "fp32", "bf16"])
        .default("auto"),
    )
    .option("--threads <n>", "of the winner's training (default: all processors)", count("--threads"))
    .option("-o, --output <folder>", "where everything goes; the same command again goes on", "design")
    .addOption(new Option("--lang <language>", "of the report").choices(["en", "zh"]).default("en"))
    .option("--no-open", "do not open the report")
    .option("--json", "print the result as JSON, without progress");
  addExecutorOptions(command, "local: networks that race at once (default: one a processor)")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  if (!BUDGETS.some((name) => flags[name] !== undefined)) {
    throw new UsageError(
      `missing budget; give at least one of ${BUDGETS.map((name) => `--${name}`).join(", ")}`,
      "missing",
    );
  }
  const { decisionText, design } = await import("@regnet/study");
  const style = flags.json ? "none" : process.stderr.isTTY ? "line" : "lines";
  const words = (decision: Parameters<typeof decisionText>[0]) => decisionText(decision, flags.lang);
  const view = createView({ style, words, language: flags.lang, stream: process.stderr });
  const stop = stopOnInterrupt(view.end);
  try {
    const request = await requestOf(flags);
    const options = {
      ...request,
      folder: flags.output,
      language: flags.lang,
      command: commandLine(),
      signal: stop.signal,
      ...(isSlurm(flags) && { tools: await slurmTools(flags) }),
    };
    tell(await design(options, view.hooks), flags);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    view.end();
    process.stderr.write(`stopped; everything so far is kept. Go on with:\n  ${commandLine()}\n`);
    process.exitCode = 1;
  } finally {
    view.end();
    stop.release();
  }
}

const BUDGETS = ["flops", "params", "acts", "latency", "memory"] as const;

async function requestOf(flags: Flags): Promise<DesignRequestInput> {
  const { flops, params, acts, latency, memory, time, resolution, recipe, seed, precision, workers } = flags;
  const { entrants, steps, threads, pretrained } = flags;
  return {
    data: existsSync(flags.data) ? resolve(flags.data) : flags.data,
    ...(flags.data === "fashion-mnist" && { fallback: "shapes" }),
    ...{ flops, params, acts, latency, memory, time, resolution, recipe, seed, precision, workers },
    ...(flags.space !== undefined && { space: await spaceOf(flags.space) }),
    ...(flags.engine !== "auto" && { engine: flags.engine }),
    ...{ entrants, steps, threads, pretrained },
    ...(flags.executor === "slurm" && { workers: flags.simultaneous ?? TASKS_AT_ONCE }),
  };
}

/** Networks that race at once on a cluster, unless told otherwise. */
const TASKS_AT_ONCE = 16;

/** Rungs and the last training as jobs of a cluster. */
async function slurmTools(flags: Flags) {
  const executor = await createExecutor(flags);
  return { executor: () => executor };
}

/** The name of a published space as it stands; the document of a file. */
async function spaceOf(space: string): Promise<NonNullable<DesignRequestInput["space"]>> {
  if (!/\.(json|ya?ml)$/i.test(space)) return space;
  const { chooseSpace } = await import("../sample/space.js");
  return chooseSpace(space);
}

/** The first Ctrl-C saves and stops; the second ends at once. */
function stopOnInterrupt(clear: () => void): { signal: AbortSignal; release(): void } {
  const stop = new AbortController();
  const onSignal = () => {
    clear();
    if (stop.signal.aborted) process.exit(1);
    process.stderr.write("stopping: what is running leaves checkpoints; press Ctrl-C again to end at once\n");
    stop.abort(new Error("interrupted"));
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.on(name, onSignal);
  const release = () => {
    for (const name of signals) process.off(name, onSignal);
  };
  return { signal: stop.signal, release };
}

function tell({ folder, report, document, decisions, seconds }: DesignResult, { json, open }: Flags): void {
  const { winner, races, files, family, analysis, latency } = document;
  if (json) {
    const value = { folder, report, seconds, winner, races, family, files, decisions, analysis, latency };
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    return;
  }
  process.stdout.write(`report: ${report}\n`);
  if (open) openReport(report);
}

function commandLine(): string {
  const quote = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return ["regnet", ...process.argv.slice(2).map(quote)].join(" ");
}

const EXAMPLES = `
Examples:
  regnet design --data fashion-mnist --flops 3M --time 3m
  regnet design --data ./photos --flops 50M --time 30m -o flowers
  regnet design --data ./photos --latency 2ms --params 1M      limits mix
  regnet design --data ./photos --flops 5M,20M,80M --time 2h   one network a budget
  regnet design --data ./photos --flops 300M --pretrained hf:facebook/regnet-y-002   for few images
  regnet design --data ./photos --flops 50M --lang zh          the report in Chinese
  regnet design --data /shared/photos --flops 50M --time 4h --executor slurm --simultaneous 16 --threads 32`;
