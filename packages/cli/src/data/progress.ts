import type { BuildProgress } from "@regnet/train";
import { bar } from "../liveLine.js";
import { formatGrouped } from "../quantities.js";

const words: Readonly<Record<BuildProgress["phase"], string>> = {
  list: "listing files",
  check: "checking whether the images are known",
  wait: "waiting for another process that decodes the same images",
  download: "downloading",
  decode: "decoding images",
};

/** How the opening of a data set goes, in a line. */
export function dataProgressText({ phase, done, total }: BuildProgress): string {
  const parts = [words[phase], total ? bar(done / total) : "", done > 0 ? count(done, total) : ""];
  return parts.filter(Boolean).join("  ");
}

function count(done: number, total: number | undefined): string {
  const shown = formatGrouped(done);
  return total ? `${shown} of ${formatGrouped(total)}` : shown;
}
