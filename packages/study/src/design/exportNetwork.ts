import { mkdirSync, statSync } from "node:fs";
import { basename, relative } from "node:path";
import type { ProducedFile } from "../report/document.js";
import type { DesignContext, DesignImages } from "./context.js";
import type { StepResult } from "./steps.js";
import type { TrainedFinalist } from "./trainFinalists.js";

/** What was written of one network. */
export interface ExportedNetwork {
  readonly name: string;
  readonly files: readonly ProducedFile[];
  readonly int8?: { readonly accuracy: number; readonly latency?: number; readonly bytes: number };
}

/** Writes a trained network in every form. */
export async function exportNetwork(
  context: DesignContext,
  images: DesignImages,
  { name, result }: TrainedFinalist,
  folder: string,
): Promise<ExportedNetwork> {
  mkdirSync(folder, { recursive: true });
  const onNote = (note: string) => context.hooks.onNote?.(note);
  const written = await context.tools.writer({ request: context.request, images, run: result.folder, folder, onNote });
  const files = written.files.map(({ path, purpose }): ProducedFile => fileOf(context, path, purpose));
  return { name, files, ...(written.int8 && { int8: written.int8 }) };
}

function fileOf({ layout }: DesignContext, path: string, purpose: ProducedFile["purpose"]): ProducedFile {
  return { path: relative(layout.folder, path) || basename(path), bytes: statSync(path).size, purpose };
}

/** Writes the winner; the decision tells what eight bits cost. */
export async function exportWinner(
  context: DesignContext,
  images: DesignImages,
  winner: TrainedFinalist,
): Promise<StepResult<ExportedNetwork>> {
  const exported = await exportNetwork(context, images, winner, context.layout.exported());
  const facts = { files: exported.files.length, int8: exported.int8?.accuracy, accuracy: winner.result.accuracy };
  return { value: exported, decisions: [{ step: "export", ...facts }] };
}
