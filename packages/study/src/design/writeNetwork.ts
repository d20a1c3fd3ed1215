import { copyFileSync } from "node:fs";
import { join } from "node:path";
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
}

/** What was written. */
export interface WrittenNetwork {
  readonly files: readonly { readonly path: string; readonly purpose: ProducedFile["purpose"] }[];
  readonly int8?: { readonly accuracy: number; readonly latency?: number; readonly bytes: number };
}

/** Writes a trained network in every form that can be had. */
export type NetworkWriter = (network: NetworkToWrite) => Promise<WrittenNetwork>;

export const writeNetwork: NetworkWriter = async ({ run, folder }) => {
  const weights = join(folder, "network.safetensors");
  copyFileSync(join(run, "checkpoints", "best.safetensors"), weights);
  return { files: [{ path: weights, purpose: "safetensors" }] };
};
