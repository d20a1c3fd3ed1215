import { mkdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { ProducedFile } from "../report/document.js";
import type { DesignContext, DesignImages } from "./context.js";
import type { Finished } from "./finish.js";
import type { StepResult } from "./steps.js";
import type { EightBits } from "./writeNetwork.js";

/** What was written of one network. */
export interface ExportedNetwork {
  readonly name: string;
  readonly files: readonly ProducedFile[];
  readonly int8?: EightBits;
}

/** Share of the time that is left for a network's export that its eight bits may be judged for. */
const JUDGING_SHARE = 0.4;

/** Writes every network in every form: a single one into `network/`, those of a family into folders of their own. */
export async function exportFinished(
  context: DesignContext,
  images: DesignImages,
  finished: readonly Finished[],
): Promise<StepResult<readonly ExportedNetwork[]>> {
  const { layout } = context;
  const exported: ExportedNetwork[] = [];
  for (const [i, one] of finished.entries()) {
    const name = finished.length > 1 ? folderName(one.entrant.name) : undefined;
    exported.push(await exportNetwork(context, images, one, layout.exported(name), finished.length - i));
  }
  const [{ files, int8 }] = exported;
  const judged = int8 && { int8: int8.accuracy, images: int8.images };
  const facts = { files: files.length * exported.length, ...judged, accuracy: finished[0].accuracy };
  return { value: exported, decisions: [{ step: "export", ...facts }] };
}

/** @param waiting networks that are still to be written, this one included: they share the time that is left */
async function exportNetwork(
  context: DesignContext,
  images: DesignImages,
  { entrant: { name }, run }: Finished,
  folder: string,
  waiting: number,
): Promise<ExportedNetwork> {
  const { request, hooks, tools, clock, signal, layout } = context;
  signal.throwIfAborted();
  mkdirSync(folder, { recursive: true });
  const left = request.steps === undefined ? clock.left : Number.POSITIVE_INFINITY;
  const written = await tools.writer({
    ...{ request, images, folder, run: join(layout.folder, run) },
    seconds: (JUDGING_SHARE * Math.max(0, left)) / waiting,
    onNote: (note) => hooks.onNote?.(note),
  });
  const files = written.files.map(({ path, purpose }): ProducedFile => fileOf(context, path, purpose));
  return { name, files, ...(written.int8 && { int8: written.int8 }) };
}

function fileOf({ layout }: DesignContext, path: string, purpose: ProducedFile["purpose"]): ProducedFile {
  return { path: relative(layout.folder, path) || basename(path), bytes: statSync(path).size, purpose };
}

/** Names of networks hold characters that some file systems do not. */
function folderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.]+/g, "-");
}
