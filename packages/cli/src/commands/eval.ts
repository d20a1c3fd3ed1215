import type { EvaluateOptions, Evaluation } from "@regnet/train";
import { type Command, Option } from "commander";
import { dataProgressText } from "../data/progress.js";
import { UsageError } from "../errors.js";
import { bar, LiveLine } from "../liveLine.js";
import { parseCount } from "../quantities.js";
import { confusionText } from "../train/confusion.js";
import { stopOnInterrupt } from "../train/interrupt.js";
import { duration, percent, print, printJson } from "./study/format.js";

interface Flags {
  data?: string;
  split: "val" | "train" | "test" | "all";
  batch?: number;
  engine?: "auto" | "onednn" | "onnxruntime";
  threads?: number;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("eval")
    .summary("accuracy of a trained network on a data set")
    .description(
      "Runs a trained network over a data set: top-1, top-5, balanced accuracy, and which class is taken for which.",
    )
    .argument("<network>", "a run's folder, an .onnx or a .safetensors file")
    .option("--data <dir|name>", "default: what the run was trained on")
    .addOption(
      new Option("--split <name>", "which images; all of a set that no training has seen")
        .choices(["val", "train", "test", "all"])
        .default("val"),
    )
    .option("--batch <n>", "images at once (default: 64)", (text) => parseCount(text, "--batch"))
    .addOption(new Option("--engine <name>", "default: auto").choices(["auto", "onednn", "onnxruntime"]))
    .option("--threads <n>", "default: one a core", (text) => parseCount(text, "--threads"))
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(network: string, { json, data, ...options }: Flags): Promise<void> {
  const { evaluate, isRun } = await import("@regnet/train");
  if (!data && !isRun(network)) throw new UsageError("missing --data; only a run knows what it was trained on");
  const { signal, release } = stopOnInterrupt("stopping");
  const line = new LiveLine();
  try {
    const evaluation = await evaluate({ network, data, ...options, signal, ...(json ? {} : hooks(line)) });
    line.end();
    if (json) printJson(evaluation);
    else print(text(evaluation));
  } finally {
    line.end();
    release();
  }
}

function hooks(line: LiveLine): Pick<EvaluateOptions, "onDataProgress" | "onProgress"> {
  return {
    onDataProgress: (progress) => line.show(dataProgressText(progress)),
    onProgress: (done, total) => line.show(`${bar(done / total)} ${done} of ${total} images`),
  };
}

function text(evaluation: Evaluation): string {
  const { images, top1, top5, balancedAccuracy, loss, seconds, imagesPerSecond, classes, notes } = evaluation;
  return [
    ...notes.map((note) => `note: ${note}`),
    `${images} images in ${duration(seconds)}, ${Math.round(imagesPerSecond)} images/s`,
    `top-1 ${percent(top1)}${classes.length > 5 ? `  top-5 ${percent(top5)}` : ""}  balanced ${percent(balancedAccuracy)}  loss ${loss.toFixed(4)}`,
    "",
    confusionText(evaluation),
  ].join("\n");
}

const EXAMPLES = `
Examples:
  regnet eval runs/regnetx-200mf-photos
  regnet eval network.onnx --data ./photos
  regnet eval runs/regnetx-200mf-photos --data ./third --split all
  regnet eval runs/regnetx-200mf-photos --split train --json | jq .balancedAccuracy`;
