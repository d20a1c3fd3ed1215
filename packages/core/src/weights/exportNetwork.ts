import { invalid } from "../errors.js";
import type { NetworkOptions } from "../families/input.js";
import { buildSpec, type ModelSpec } from "../families/model.js";
import type { Tensors } from "../graph/initialise.js";
import { toOnnx } from "../onnx/toOnnx.js";
import { exportWeights } from "./exportWeights.js";
import type { Naming } from "./names/naming.js";
import { loaderScript } from "./pytorch/loaderScript.js";
import { writeSafetensors } from "./writeSafetensors.js";

/** A network with its weights, ready to be written for others. */
export interface NetworkToExport {
  readonly spec: ModelSpec;
  readonly options: Required<Pick<NetworkOptions, "resolution" | "channels" | "classes">>;
  /** By our names. */
  readonly weights: Tensors;
  /** Kept in the file: class names, normalisation. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export const exportFormats = ["onnx", "safetensors", "pytorch"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportTarget {
  readonly format: ExportFormat;
  /** Default "timm" for safetensors, "torchvision" for pytorch; an ONNX file always has ours (timm's). */
  readonly naming?: Naming;
  /** The file that is asked for; others are named after it. */
  readonly file: string;
}

export interface ExportedFile {
  /** Without a folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The files of an export: one, or for `pytorch` the weights and a script that builds the network and loads them.
 *
 * @throws RegnetError for a naming or library that has no such network, and for ONNX files beyond 2 GiB
 */
export function exportNetwork(network: NetworkToExport, target: ExportTarget): ExportedFile[] {
  const name = target.file.split(/[/\\]/).at(-1) ?? target.file;
  switch (target.format) {
    case "onnx":
      return [{ name, bytes: onnxFile(network) }];
    case "safetensors":
      return [{ name, bytes: safetensorsFile(network, target.naming ?? "timm") }];
    case "pytorch":
      return pytorchFiles(network, target.naming ?? "torchvision", name);
    default:
      throw invalid("format", target.format satisfies never, exportFormats.join(", "));
  }
}

function onnxFile({ spec, options, weights, metadata }: NetworkToExport): Uint8Array {
  return toOnnx(buildSpec(spec, options), { weights, metadata });
}

function safetensorsFile({ spec, options, weights, metadata }: NetworkToExport, naming: Naming): Uint8Array {
  return writeSafetensors(exportWeights(buildSpec(spec, options), weights, naming), {
    ...metadata,
    format: "pt",
    "regnet.names": naming,
  });
}

function pytorchFiles(network: NetworkToExport, naming: Naming, name: string): ExportedFile[] {
  if (naming !== "timm" && naming !== "torchvision") {
    throw invalid("names for pytorch", naming, "torchvision or timm", "other names go with --format safetensors");
  }
  const stem = name.replace(/\.(?:safetensors|py|pth|pt)$/i, "");
  const weightsFile = `${stem}.safetensors`;
  const script = loaderScript(network, { naming, weightsFile, facts: decoded(network.metadata) });
  return [
    { name: weightsFile, bytes: safetensorsFile(network, naming) },
    { name: `${stem}.py`, bytes: new TextEncoder().encode(script) },
  ];
}

/** Metadata are text; what is JSON in it is shown as such to the reader of a script. */
function decoded(metadata: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metadata).map(([key, text]) => [key, parsed(text)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
