import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Classifier, Prediction } from "@regnet/train";
import { type Command, Option } from "commander";
import { parseCount } from "../quantities.js";
import { percent, print, printJson, say } from "./study/format.js";

interface Flags {
  top: number;
  saliency?: string;
  engine?: "auto" | "onednn" | "onnxruntime";
  threads?: number;
  json?: boolean;
}

interface Outcome {
  readonly image: string;
  readonly predictions?: readonly Prediction[];
  readonly saliency?: string;
  readonly error?: string;
}

export function register(program: Command): void {
  program
    .command("predict")
    .summary("classify images")
    .description("Classifies images with a trained network; on request draws where it looked.")
    .argument("<network>", "a run's folder, an .onnx or a .safetensors file")
    .argument("<image...>", "JPEG, PNG, WebP, GIF, TIFF or AVIF files")
    .option("--top <n>", "classes shown", (text) => parseCount(text, "--top"), 5)
    .option("--saliency <dir>", "write a picture an image: what speaks for its class (Grad-CAM)")
    .addOption(new Option("--engine <name>", "default: auto").choices(["auto", "onednn", "onnxruntime"]))
    .option("--threads <n>", "default: one a core", (text) => parseCount(text, "--threads"))
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(network: string, images: readonly string[], flags: Flags): Promise<void> {
  const { load, makeFolder } = await import("@regnet/train");
  const classifier = await load(network, flags);
  try {
    if (flags.saliency) makeFolder(flags.saliency);
    const outcomes: Outcome[] = [];
    for (const [i, image] of images.entries()) {
      const outcome = await predict(classifier, image, i, flags);
      outcomes.push(outcome);
      if (!flags.json) show(outcome);
    }
    if (flags.json) printJson(outcomes);
    if (outcomes.some(({ error }) => error !== undefined)) process.exitCode = 1;
  } finally {
    classifier.dispose();
  }
}

async function predict(classifier: Classifier, image: string, i: number, flags: Flags): Promise<Outcome> {
  try {
    const predictions = await classifier.classify(image, flags.top);
    const saliency = flags.saliency && (await draw(classifier, image, i, flags.saliency));
    return { image, predictions, saliency };
  } catch (error) {
    return { image, error: error instanceof Error ? error.message : String(error) };
  }
}

async function draw(classifier: Classifier, image: string, i: number, folder: string): Promise<string> {
  const { saliencyPicture } = await import("@regnet/train");
  const map = await classifier.explain(image);
  const name = basename(image).replace(/\.[^.]*$/, "");
  const path = join(folder, `${String(i + 1).padStart(3, "0")}-${name}.png`);
  writeFileSync(path, await saliencyPicture(image, map, classifier.card));
  return path;
}

function show({ image, predictions = [], saliency, error }: Outcome): void {
  if (error !== undefined) {
    say(`error: ${image}: ${error}`);
    return;
  }
  print(image);
  for (const { name, probability } of predictions) print(`  ${percent(probability).padStart(7)}  ${name}`);
  if (saliency) print(`  see ${saliency}`);
}

const EXAMPLES = `
Examples:
  regnet predict runs/regnetx-200mf-photos cat.jpg
  regnet predict network.onnx *.jpg --top 1 --json
  regnet predict network.onnx cat.jpg --saliency pictures`;
