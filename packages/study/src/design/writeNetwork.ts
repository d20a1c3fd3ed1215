import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ExportTarget, exportNetwork, type NetworkToExport, RegnetError } from "@regnet/core";
import {
  cardMetadata,
  evaluate,
  measureLatency,
  openDataSet,
  openNetwork,
  quantise,
  type StoredNetwork,
  subsetOf,
  writeAtomically,
} from "@regnet/train";
import type { ProducedFile } from "../report/document.js";
import type { DesignImages } from "./context.js";
import type { DesignRequest } from "./options.js";

/** A trained network to be written. */
export interface NetworkToWrite {
  readonly request: DesignRequest;
  readonly images: DesignImages;
  /** The run's folder; its best weights are written. */
  readonly run: string;
  /** Where the files go; it exists. */
  readonly folder: string;
  readonly onNote: (note: string) => void;
}

/** What was written. */
export interface WrittenNetwork {
  readonly files: readonly { readonly path: string; readonly purpose: ProducedFile["purpose"] }[];
  /** Of the network in eight bits, on ONNX Runtime. */
  readonly int8?: { readonly accuracy: number; readonly latency?: number; readonly bytes: number };
}

/** Writes a trained network in every form that can be had. */
export type NetworkWriter = (network: NetworkToWrite) => Promise<WrittenNetwork>;

const FORMS: readonly (ExportTarget & { readonly purpose: ProducedFile["purpose"] })[] = [
  { format: "onnx", file: "network.onnx", purpose: "onnx" },
  { format: "safetensors", file: "network.safetensors", purpose: "safetensors" },
  { format: "pytorch", naming: "torchvision", file: "pytorch/network.py", purpose: "pytorch" },
];
/** Validation images that eight bits are judged by, at most. */
const JUDGED = 10_000;

export const writeNetwork: NetworkWriter = async ({ request, images, run, folder, onNote }) => {
  const stored = openNetwork(run);
  const network = toExport(stored);
  const files: WrittenNetwork["files"][number][] = [];
  for (const { purpose, ...target } of FORMS) {
    try {
      files.push(...writeForm(network, target, folder).map((path) => ({ path, purpose })));
    } catch (error) {
      if (!(error instanceof RegnetError)) throw error;
      onNote(`not written as ${target.format}: ${error.message}`);
    }
  }
  const int8 = await writeInt8(stored, request, images, join(folder, "network-int8.onnx"));
  return { files: [...files, { path: join(folder, "network-int8.onnx"), purpose: "int8" }], int8 };
};

function toExport(stored: StoredNetwork): NetworkToExport {
  const { model: spec, resolution, channels, classes } = stored.card;
  const options = { resolution, channels, classes: classes.length };
  return { spec, options, weights: stored.weights(), metadata: cardMetadata(stored.card) };
}

function writeForm(network: NetworkToExport, target: ExportTarget, folder: string): string[] {
  const place = join(folder, ...target.file.split("/").slice(0, -1));
  const written = exportNetwork(network, target);
  mkdirSync(place, { recursive: true });
  return written.map(({ name, bytes }) => {
    writeAtomically(join(place, name), bytes);
    return join(place, name);
  });
}

async function writeInt8(
  stored: StoredNetwork,
  request: DesignRequest,
  { source, resolution, validation }: DesignImages,
  path: string,
) {
  const data = subsetOf(await openDataSet(source, { resolution }), { val: Math.min(validation, JUDGED) });
  const bytes = await quantise({ network: stored, data, engine: request.engine });
  writeAtomically(path, bytes);
  const [{ top1: accuracy }, latency] = [await evaluate({ network: path, data }), await measureLatency(path)];
  return { accuracy, latency: latency.median, bytes: bytes.length };
}
