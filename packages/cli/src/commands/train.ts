import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { FineTuneOptions, RunResult, TrainOptions } from "@regnet/train";
import { type Command, Option } from "commander";
import { parseDuration } from "../duration.js";
import { UsageError } from "../errors.js";
import { LiveLine } from "../liveLine.js";
import { addRuleOptions, chooseModel, givesRule, type ModelFlags } from "../model.js";
import { optionName } from "../optionName.js";
import { parseCount, parseNumber } from "../quantities.js";
import { finderHooks, printFinding } from "../train/finding.js";
import { stopOnInterrupt } from "../train/interrupt.js";
import { TrainProgress } from "../train/progress.js";
import { duration, percent, print, printJson } from "./study/format.js";

interface Flags extends Omit<ModelFlags, "res" | "classes" | "channels"> {
  data?: string;
  recipe?: string;
  epochs?: number;
  time?: number;
  batch?: number;
  lr?: number;
  res?: number;
  seed?: number;
  engine?: "auto" | "onednn" | "onnxruntime";
  precision?: "auto" | "fp32" | "bf16";
  threads?: number;
  workers?: number;
  output?: string;
  resume?: boolean;
  from?: string;
  freeze?: number;
  newHead?: boolean;
  findLr?: boolean;
  tensorboard?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  const count =
    (name: string, least = 1) =>
    (text: string) =>
      parseCount(text, name, least);
  const command = program
    .command("train")
    .argument("[model]", "a published name, or a model's .json file (with --from: default that network)");
  addRuleOptions(command)
    .summary("train a network on images")
    .description("Trains a network and keeps its weights, its figures and everything needed to go on in a folder.")
    .option("--data <dir|name>", "a folder of class folders, IDX or CIFAR files, or fashion-mnist, shapes")
    .option("--recipe <name|file>", "dds, convnext, quick, or a .json or .yaml file (default: quick)")
    .option("--epochs <n>", "in place of the recipe's", count("--epochs"))
    .option("--time <t>", "in place of epochs: 90s, 10m, 1h30m", (text) => parseDuration(text, "--time"))
    .option("--batch <n>", "images a step", count("--batch"))
    .option("--lr <x>", "peak learning rate, unscaled", (text) => parseNumber(text, "--lr"))
    .option("--res <n>", "pixels a side (default: the images', at most 224)", count("--res"))
    .option("--seed <n>", "default: 0", count("--seed", 0))
    .addOption(new Option("--engine <name>", "default: auto").choices(["auto", "onednn", "onnxruntime"]))
    .addOption(new Option("--precision <name>", "default: auto, the faster one here").choices(["auto", "fp32", "bf16"]))
    .option("--threads <n>", "of the engine (default: one a core)", count("--threads"))
    .option("--workers <n>", "threads that make batches (default: 1)", count("--workers", 0))
    .option("-o, --output <dir>", "the run's folder (default: runs/MODEL-DATA)")
    .option("--resume", "go on with the run in the folder; everything else is known from it")
    .option("--from <run|file>", "fine-tune: start from a run, an .onnx, a checkpoint of any naming, or hf:owner/name")
    .option("--freeze <n>", "with --from: 1 freezes the stem, 2 the first stage too, …", count("--freeze", 0))
    .option("--new-head", "with --from: start the head anew even for the same classes")
    .option("--find-lr", "search the learning rate instead of training")
    .option("--no-tensorboard", "write no TensorBoard event file")
    .option("--json", "print the result as JSON, without progress")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(model: string | undefined, flags: Flags): Promise<void> {
  if (flags.resume && flags.findLr)
    throw new UsageError("invalid --find-lr: a run that is resumed has its learning rate");
  const unused = flags.findLr ? TRAINING_ONLY.filter((name) => flags[name] !== undefined) : [];
  if (unused.length > 0)
    throw new UsageError(`invalid ${unused.map(optionName).join(", ")}: --find-lr trains nothing; leave it out`);
  const options = flags.resume ? await resumed(model, flags) : await fresh(model, flags);
  if (flags.findLr) return findLearningRate(options, flags);
  const { removeEmptyFolder, train } = await import("@regnet/train");
  const progress = new TrainProgress();
  const folder = flags.output ?? reserve(options.folder);
  const { signal, release } = stopOnInterrupt("stopping: leaving a checkpoint; press Ctrl-C again to end at once");
  try {
    const result = await train({ ...options, folder, signal }, flags.json ? {} : progress.hooks);
    progress.end();
    tell(result, flags);
    if (result.state === "stopped") process.exitCode = 1;
  } finally {
    progress.end();
    release();
    if (!flags.output) removeEmptyFolder(folder);
  }
}

async function findLearningRate(
  { folder: _, epochs, time, learningRate, resume, ...options }: TrainOptions,
  { json }: Flags,
): Promise<void> {
  const { findLearningRate } = await import("@regnet/train");
  const line = new LiveLine();
  const finding = await findLearningRate(options, json ? {} : finderHooks(line));
  line.end();
  if (json) printJson(finding);
  else printFinding(finding);
}

/** What the flags say of how to run, whether the training is new or resumed. */
function running(flags: Flags) {
  const { engine, threads, workers, tensorboard } = flags;
  return { engine, threads, workers, tensorBoard: tensorboard };
}

/** What a search of the learning rate has no use for. */
const TRAINING_ONLY = ["epochs", "time", "lr", "output"] as const satisfies readonly (keyof Flags)[];

/** What may be given, or be another, when a run is resumed. */
const FREE: ReadonlySet<string> = new Set<keyof Flags>([
  ...(["resume", "output", "data", "json"] as const),
  ...(["engine", "threads", "workers", "tensorboard"] as const),
]);

async function resumed(model: string | undefined, flags: Flags): Promise<TrainOptions> {
  if (model) throw new UsageError("invalid --resume: the model is known from the run; give its folder by -o");
  if (!flags.output) throw new UsageError("missing -o: --resume needs the run's folder");
  const settled = Object.keys(flags).filter((name) => !FREE.has(name) && flags[name as keyof Flags] !== undefined);
  if (settled.length > 0) {
    throw new UsageError(
      `invalid ${settled.map(optionName).join(", ")}: a run that is resumed keeps what it was begun with; leave it out, or begin another run (-o)`,
    );
  }
  const { resumeOptions } = await import("@regnet/train");
  const known = resumeOptions(flags.output, flags.data && absolute(flags.data));
  const { engine = known.engine, threads = known.threads, ...others } = running(flags);
  return { ...known, engine, threads, ...others };
}

async function fresh(model: string | undefined, flags: Flags): Promise<TrainOptions> {
  const { recipe, epochs, time, batch, lr, res, seed, precision, data } = flags;
  if (!data) throw new UsageError("missing --data; give a folder of class folders, or a name: fashion-mnist, shapes");
  if (epochs !== undefined && time !== undefined)
    throw new UsageError("invalid --time: give --epochs or --time, not both");
  const from = fineTuning(flags);
  const chosen = await modelOf(model, flags, from);
  return {
    ...running(flags),
    model: chosen.model,
    data: absolute(data),
    folder: flags.output ?? defaultFolder(chosen.title, data),
    from,
    learningRate: lr,
    resolution: res,
    ...{ recipe, epochs, time, batch, seed, precision: precision ?? "auto" },
  };
}

/** The model that is named, or none where it is that of the weights; and what to call the run's folder after. */
async function modelOf(given: string | undefined, { res: _, ...flags }: Flags, from: Source | undefined) {
  if (from && given === undefined && !givesRule(flags)) {
    return { title: basename(from.weights).replace(/\.[^.]*$/, "") };
  }
  const { name, spec } = await chooseModel(given, flags);
  return { model: name ?? spec, title: name ?? spec.family };
}

function fineTuning({ from, freeze, newHead }: Flags): Source | undefined {
  if (from !== undefined) return { weights: absolute(from), freeze, newHead };
  if (freeze || newHead)
    throw new UsageError(`missing --from: ${freeze ? "--freeze" : "--new-head"} needs weights to start from`);
  return undefined;
}

interface Source extends FineTuneOptions {
  readonly weights: string;
}

/** A path as it is found from anywhere; a name as it is. */
function absolute(data: string): string {
  return existsSync(data) ? resolve(data) : data;
}

/** `runs/MODEL-DATA`. */
function defaultFolder(model: string, data: string): string {
  const name = `${model}-${data.split(/[\\/]/).filter(Boolean).pop() ?? "data"}`
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, "-");
  return join("runs", name);
}

/** Makes the folder, with a number where it is taken, so that nobody else takes it. */
function reserve(wanted: string): string {
  for (let i = 1; ; i++) {
    const folder = i === 1 ? wanted : `${wanted}-${i}`;
    try {
      mkdirSync(dirname(folder), { recursive: true });
      mkdirSync(folder);
      return folder;
    } catch {
      // Where it is not there for all that, the training says why it cannot be made.
      if (!existsSync(folder)) return folder;
    }
  }
}

function tell(result: RunResult, { json }: Flags): void {
  if (json) {
    printJson(result);
    return;
  }
  const { state, best, seconds, folder, step, test } = result;
  print(
    `${state} after ${duration(seconds)}: ${best ? `best top-1 ${percent(best.top1)} in epoch ${best.epoch}` : `${step} steps`}`,
  );
  if (test) print(`on the ${test.images} images held out: top-1 ${percent(test.top1)}`);
  if (state === "stopped") print(`go on with: regnet train --resume -o ${folder}`);
  else print(`the run is ${folder}; try: regnet eval ${folder}`);
}

const EXAMPLES = `
Examples:
  regnet train RegNetX-200MF --data ./photos
  regnet train RegNetX-200MF --stem cifar --data fashion-mnist --time 10m
  regnet train convnext_atto --data ./photos --recipe convnext --res 128 -o runs/atto
  regnet train --resume -o runs/atto                       go on after Ctrl-C or a crash
  regnet train --from regnet_y_400mf.pth --data ./photos --freeze 3 --epochs 5
  regnet train --from runs/atto --data ./others            fine-tune a network of one's own
  regnet train RegNetX-200MF --data ./photos --find-lr     a learning rate for these images`;
