import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { ProducedFile } from "../report/document.js";
import type { DesignContext, DesignImages } from "./context.js";

/** What `writeNetwork` wrote. */
export interface WrittenNetwork {
  readonly files: readonly { readonly path: string; readonly purpose: ProducedFile["purpose"] }[];
  readonly int8?: { readonly accuracy: number; readonly latency?: number; readonly bytes: number };
}

/** Writes the best weights of a run. */
export async function writeNetwork(
  _context: DesignContext,
  _images: DesignImages,
  run: string,
  folder: string,
): Promise<WrittenNetwork> {
  const weights = join(folder, "network.safetensors");
  copyFileSync(join(run, "checkpoints", "best.safetensors"), weights);
  return { files: [{ path: weights, purpose: "safetensors" }] };
}
