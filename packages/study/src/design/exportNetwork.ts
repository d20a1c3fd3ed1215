import { mkdirSync, statSync } from "node:fs";
import { basename, relative } from "node:path";
import type { ProducedFile } from "../report/document.js";
import type { DesignContext, DesignImages } from "./context.js";
import type { StepResult } from "./steps.js";
import type { TrainedFinalist } from "./trainFinalists.js";
import type { EightBits } from "./writeNetwork.js";

/** What was written of one network. */
export interface ExportedNetwork {
  readonly name: string;
  readonly files: readonly ProducedFile[];
  readonly int8?: EightBits;
}

/** Share of the time that is left for a network's export that its eight bits may be judged for. */
const JUDGING_SHARE = 0.5;

/**
 * Writes a trained network in every form.
 *
 * @param waiting networks that are still to be written, this one included: they share the time that is left
 */
export async function exportNetwork(
  context: DesignContext,
  images: DesignImages,
  { name, result }: TrainedFinalist,
  folder: string,
  waiting = 1,
): Promise<ExportedNetwork> {
  const { request, hooks, tools, clock, signal } = context;
  signal.throwIfAborted();
  mkdirSync(folder, { recursive: true });
  const written = await tools.writer({
    ...{ request, images, folder, run: result.folder },
    seconds: (JUDGING_SHARE * Math.max(0, clock.left)) / waiting,
    onNote: (note) => hooks.onNote?.(note),
  });
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
  const { files, int8 } = exported;
  const judged = int8 && { int8: int8.accuracy, images: int8.images };
  const facts = { files: files.length, ...judged, accuracy: winner.result.accuracy };
  return { value: exported, decisions: [{ step: "export", ...facts }] };
}
