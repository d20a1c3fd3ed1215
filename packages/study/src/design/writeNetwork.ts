import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ExportTarget, exportNetwork, type NetworkToExport, RegnetError } from "@regnet/core";
import {
  cardMetadata,
  type DataSet,
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
  /** That may be spent on judging the eight-bit network. */
  readonly seconds: number;
  readonly onNote: (note: string) => void;
}

/** What was written. */
export interface WrittenNetwork {
  readonly files: readonly { readonly path: string; readonly purpose: ProducedFile["purpose"] }[];
  readonly int8?: EightBits;
}

/** A network in eight bits, on ONNX Runtime. */
export interface EightBits {
  /** Top-1 accuracy on `images` validation images. */
  readonly accuracy: number;
  readonly images: number;
  /** Milliseconds an image. */
  readonly latency?: number;
  readonly bytes: number;
}

/** Writes a trained network in every form that can be had. */
export type NetworkWriter = (network: NetworkToWrite) => Promise<WrittenNetwork>;

const FORMS: readonly (ExportTarget & { readonly purpose: ProducedFile["purpose"] })[] = [
  { format: "onnx", file: "network.onnx", purpose: "onnx" },
  { format: "safetensors", file: "network.safetensors", purpose: "safetensors" },
  { format: "pytorch", naming: "torchvision", file: "pytorch/network.py", purpose: "pytorch" },
];
/** Validation images that eight bits are judged by, at most, and however little time there is. */
const MOST_JUDGED = 10_000;
const LEAST_JUDGED = 500;

export const writeNetwork: NetworkWriter = async ({ request, images, run, folder, seconds, onNote }) => {
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
  const path = join(folder, "network-int8.onnx");
  const data = await openDataSet(images.source, { resolution: images.resolution, holdOut: true });
  const bytes = await quantise({ network: stored, data, engine: request.engine });
  writeAtomically(path, bytes);
  const judged = await judge(path, data, seconds);
  const { median: latency } = await measureLatency(path);
  return { files: [...files, { path, purpose: "int8" }], int8: { ...judged, latency, bytes: bytes.length } };
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

/** On as many validation images as the time allows, by the speed on the first of them. */
async function judge(path: string, data: DataSet, seconds: number): Promise<Pick<EightBits, "accuracy" | "images">> {
  const most = Math.min(data.splits.val.count, MOST_JUDGED);
  const accuracyOn = async (images: number) => {
    const { top1: accuracy } = await evaluate({ network: path, data: subsetOf(data, { val: images }) });
    return { accuracy, images };
  };
  const begun = performance.now();
  const first = await accuracyOn(Math.min(most, LEAST_JUDGED));
  const spent = (performance.now() - begun) / 1000;
  const images = Math.min(most, Math.floor((first.images / spent) * (seconds - spent)));
  return images > first.images ? accuracyOn(images) : first;
}
