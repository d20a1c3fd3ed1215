import { readFile } from "node:fs/promises";
import type { ImportedWeights } from "@regnet/core";
import type { NetworkCard, NetworkToImport } from "@regnet/train";
import type { Command } from "commander";
import { UsageError } from "../errors.js";
import { imageNet } from "../import/imageNet.js";
import { chooseModel } from "../model.js";
import { parseCount, parseNumber } from "../quantities.js";
import { print, printJson } from "./study/format.js";

interface Flags {
  model?: string;
  output?: string;
  res?: number;
  classNames?: string;
  mean?: number[];
  std?: number[];
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("import")
    .summary("read a checkpoint of timm, torchvision, pycls or Hugging Face")
    .description(
      "Makes a run's folder of a checkpoint of a RegNet or ConvNeXt. The network is told from the weights; nothing of the file is executed.",
    )
    .argument("<file>", "a .safetensors, .pth or .pyth file, or hf:owner/name on the Hugging Face hub")
    .option("--model <name>", "the network, where its weights do not tell (a published name or a model's .json file)")
    .option("-o, --output <dir>", "the run's folder (default: runs/MODEL-imported)")
    .option("--res <n>", "pixels a side (default: 224)", (text) => parseCount(text, "--res"))
    .option("--class-names <file>", "a text file, one name a line, in the order of the logits")
    .option("--mean <list>", "normalisation of values in 0…1 (default: ImageNet's)", numbers("--mean"))
    .option("--std <list>", "the same", numbers("--std"))
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(source: string, flags: Flags): Promise<void> {
  const { importRun, readForeign } = await import("@regnet/train");
  const model = flags.model === undefined ? undefined : (await chooseModel(flags.model, {})).spec;
  const { card, imported } = await readForeign(source, model);
  const network = await networkOf(source, imported, card, flags);
  const name = network.name ?? network.model.family;
  const folder = flags.output ?? `runs/${name.toLowerCase()}-imported`;
  importRun(folder, network);
  const { naming, spec } = imported;
  const { channels, classes, resolution } = network;
  const facts = {
    folder,
    name: network.name,
    names: naming,
    model: spec,
    resolution,
    channels,
    classes: classes.length,
  };
  if (flags.json) return printJson(facts);
  print(`${name} with ${naming}'s names, ${classes.length} classes, ${channels} channels → ${folder}`);
  if (naming === "pycls") print("its first convolution took blue, green, red; it takes red, green, blue now");
}

async function networkOf(
  source: string,
  { name, spec, options, weights }: ImportedWeights,
  card: NetworkCard | undefined,
  { res, classNames, mean, std }: Flags,
): Promise<NetworkToImport> {
  const usual = imageNet(options.channels);
  const normalisation = {
    mean: perChannel("--mean", mean, options.channels) ?? card?.normalisation.mean ?? usual.normalisation.mean,
    std: perChannel("--std", std, options.channels) ?? card?.normalisation.std ?? usual.normalisation.std,
  };
  return {
    model: spec,
    name,
    weights,
    source,
    resolution: res ?? card?.resolution ?? 224,
    channels: options.channels,
    classes: await classesOf(options.classes, classNames, card),
    normalisation,
    crop: card?.crop ?? usual.crop,
  };
}

async function classesOf(count: number, file: string | undefined, card: NetworkCard | undefined): Promise<string[]> {
  if (file === undefined) {
    return card?.classes.length === count ? card.classes : Array.from({ length: count }, (_, i) => String(i));
  }
  const names = (await readFile(file, "utf8")).split(/\r?\n/).filter((line) => line.trim() !== "");
  if (names.length === count) return names;
  throw new UsageError(`invalid --class-names: got ${names.length} names in ${file}, expected ${count}`);
}

function perChannel(option: string, values: number[] | undefined, channels: number): number[] | undefined {
  if (values === undefined || values.length === channels) return values;
  throw new UsageError(
    `invalid ${option}: got ${values.length} numbers, expected one for each of ${channels} channels`,
  );
}

function numbers(option: string): (text: string) => number[] {
  return (text) => text.split(",").map((part) => parseNumber(part, option));
}

const EXAMPLES = `
Examples:
  regnet import regnet_y_400mf-c65dace8.pth
  regnet import RegNetX-3.2GF_dds_8gpu.pyth -o runs/x3.2
  regnet import model.safetensors --class-names classes.txt
  regnet import hf:facebook/convnext-tiny-224
  regnet train RegNetY-400MF --from runs/regnety-400mf-imported --data ./photos

Names of timm, torchvision, pycls, Hugging Face and the ConvNeXt authors are understood. hf: needs the optional
package @huggingface/hub.`;
