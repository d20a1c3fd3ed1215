import { mkdir } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { type ExportFormat, exportFormats, exportNetwork, type Naming } from "@regnet/core";
import { type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import { exportInt8 } from "../export/int8.js";
import { exportSource, type SourceFlags } from "../export/source.js";
import { addModelOptions } from "../model.js";
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
    .option("--int8", "quantise to 8 bits (ONNX), with ranges measured on --data; says what that costs")
    .option("--data <dir|name>", "with --int8; default: what the run was trained on")
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(given: string | undefined, flags: Flags): Promise<void> {
  if (flags.int8) return exportInt8(given, flags);
  const { output, names: naming, json } = flags;
  if (output === undefined) throw new UsageError("missing --output; give the file to write, such as -o network.onnx");
  const format = flags.format ?? formatOf(output);
  if (format === "onnx" && naming) throw new UsageError("--names does not apply to ONNX files");
  const { name, network } = await exportSource(given, flags);
  const files = exportNetwork(network, { format, naming, file: output });
  const { writeAtomically } = await import("@regnet/train");
  await mkdir(dirname(output), { recursive: true });
  const written = files.map(({ name: file, bytes }) => {
    const path = join(dirname(output), file);
    writeAtomically(path, bytes);
    return { path, bytes: bytes.length };
  });
  if (json) printJson({ network: name, format, names: naming, files: written });
  else for (const { path, bytes } of written) print(`${path}  ${formatQuantity(bytes)}B`);
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
  regnet export RegNetX-400MF -o untrained.onnx --res 128 --classes 10
  regnet export convnext_tiny --weights convnext_tiny.pth -o tiny.onnx
  regnet export runs/regnety-200mf-photos --names hf -o model.safetensors
  regnet export runs/regnety-200mf-photos --int8 -o int8.onnx

ONNX files carry class names, normalisation and size, so regnet predict needs nothing else. The format pytorch writes the
weights and beside them a short script that builds the network in torchvision (or timm) and loads them.`;
