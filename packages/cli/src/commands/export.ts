import { existsSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { type ExportFormat, exportFormats, exportNetwork, type Naming } from "@regnet/core";
import { type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import { exportInt8, int8Text } from "../export/int8.js";
import { exportSource, type SourceFlags } from "../export/source.js";
import { addModelOptions } from "../model.js";
import { optionName } from "../optionName.js";
import { formatQuantity, parseCount } from "../quantities.js";
import { print, printJson } from "./study/format.js";

interface Flags extends SourceFlags {
  format?: ExportFormat;
  output?: string;
  names?: Naming;
  int8?: boolean;
  data?: string;
  json?: boolean;
}

export function register(program: Command): void {
  addModelOptions(program.command("export"))
    .summary("write a network as ONNX, safetensors or PyTorch")
    .description(
      "Writes a trained network (a run's folder, an .onnx or .safetensors file), or a model with initial or given weights.",
    )
    .addOption(new Option("--format <name>", "default: by the file's ending").choices(exportFormats))
    .option("-o, --output <file>", "where to write")
    .addOption(
      new Option("--names <whose>", "names of the weights (default: timm; torchvision for pytorch)").choices([
        "timm",
        "torchvision",
        "pycls",
        "hf",
        "official",
      ]),
    )
    .option("--weights <file>", "weights for the model: .safetensors, .pth or .pyth, under any of those names")
    .option("--seed <n>", "of initial weights (default: 0)", (text) => parseCount(text, "--seed", 0))
    .option(
      "--int8",
      "quantise a trained network to eight bits, calibrated on --data; its accuracy and speed are shown",
    )
    .option("--data <dir|name>", "for --int8 (default: what the run was trained on)")
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(given: string | undefined, flags: Flags): Promise<void> {
  const { output, names: naming, json } = flags;
  if (output === undefined) throw new UsageError("missing --output; give the file to write, such as -o network.onnx");
  const format = flags.format ?? formatOf(output);
  if (format === "onnx" && naming) throw new UsageError("--names does not apply to ONNX files");
  if (flags.int8) return runInt8(given, output, format, flags);
  if (flags.data) throw new UsageError("--data goes with --int8");
  const { name, network } = await exportSource(given, flags);
  const files = exportNetwork(network, { format, naming, file: output });
  const { makeFolder, writeAtomically } = await import("@regnet/train");
  makeFolder(dirname(output));
  const written = files.map(({ name: file, bytes }) => {
    const path = join(dirname(output), file);
    writeAtomically(path, bytes);
    return { path, bytes: bytes.length };
  });
  if (json) printJson({ network: name, format, names: naming, files: written });
  else for (const { path, bytes } of written) print(`${path}  ${formatQuantity(bytes)}B`);
}

const INT8_FLAGS: ReadonlySet<string> = new Set<keyof Flags>(["int8", "data", "output", "format", "json"]);

async function runInt8(given: string | undefined, output: string, format: ExportFormat, flags: Flags): Promise<void> {
  if (format !== "onnx") throw new UsageError("--int8 writes ONNX files only");
  const other = Object.keys(flags).find((flag) => !INT8_FLAGS.has(flag));
  if (other)
    throw new UsageError(`${optionName(other)} does not go with --int8, which takes a trained network as it is`);
  if (given === undefined || !existsSync(given))
    throw new UsageError("--int8 needs a trained network: a run or a file");
  const { isRun, makeFolder, openNetwork, writeAtomically } = await import("@regnet/train");
  if (!flags.data && !isRun(given)) throw new UsageError("missing --data; only a run knows what it was trained on");
  makeFolder(dirname(output));
  const exported = await exportInt8(openNetwork(given), flags.data, output, writeAtomically);
  const { bytes, int8, fp32 } = exported;
  if (flags.json) printJson({ network: given, format, files: [{ path: output, bytes: bytes.length }], int8, fp32 });
  else print(`${output}  ${formatQuantity(bytes.length)}B\n${int8Text(exported)}`);
}

const ENDINGS: Readonly<Record<string, ExportFormat>> = {
  ".onnx": "onnx",
  ".safetensors": "safetensors",
  ".py": "pytorch",
  ".pth": "pytorch",
  ".pt": "pytorch",
};

function formatOf(output: string): ExportFormat {
  const format = ENDINGS[extname(output).toLowerCase()];
  if (format) return format;
  throw new UsageError(`missing --format; "${output}" does not tell which of ${exportFormats.join(", ")} it is to be`);
}

const EXAMPLES = `
Examples:
  regnet export runs/regnety-200mf-photos -o photos.onnx
  regnet export runs/regnety-200mf-photos --format pytorch -o photos.safetensors
  regnet export runs/regnety-200mf-photos --int8 -o photos-int8.onnx
  regnet export RegNetX-400MF -o untrained.onnx --res 128 --classes 10
  regnet export convnext_tiny --weights convnext_tiny.pth -o tiny.onnx
  regnet export runs/regnety-200mf-photos --names hf -o model.safetensors

ONNX files carry class names, normalisation and size, so regnet predict needs nothing else. The format pytorch writes the
weights and beside them a short script that builds the network in torchvision (or timm) and loads them.`;
