import { formatGrouped } from "../quantities.js";
import type { DataFacts, NamedDuplicates } from "./facts.js";

/** Lines of a list that are shown unless all are asked for. */
const SHOWN = 10;
const MAX_CLASSES = 40;

/** The facts for people. Names are shown without control characters. */
export function formatFacts(facts: DataFacts, all: boolean): string {
  const sections = [
    headline(facts),
    classTable(facts, all),
    ...facts.notes.map((note) => `note: ${printable(note)}`),
    duplicateText(facts, all),
    skippedText(facts, all),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function headline({
  name,
  train,
  val,
  test,
  split,
  channels,
  sizes,
  stored,
  classes,
  statistics,
  cache,
}: DataFacts): string {
  const held = split && val > 0 ? ` (held out: ${percent(split.fraction)} of each class, seed ${split.seed})` : "";
  const { smallest, median, largest } = sizes;
  const same = side(smallest) === side(largest);
  const range = same ? side(smallest) : `${side(smallest)} to ${side(largest)}, half below ${side(median)}`;
  const kept = side(stored.largest) === side(largest) ? "" : `; stored at ${side(stored.largest)} and below`;
  return [
    `${printable(name)}: ${formatGrouped(train)} train + ${formatGrouped(val)} val${test > 0 ? ` + ${formatGrouped(test)} test` : ""} images${held}`,
    `${classes.length} class${classes.length === 1 ? "" : "es"}, ${channels === 1 ? "grey" : "colour"}, ${range}${kept} (width×height)`,
    `mean ${list(statistics.mean)}, standard deviation ${list(statistics.std)}, of values 0 to 1`,
    `cache: ${cache}`,
  ].join("\n");
}

function classTable({ classes, train, val, test }: DataFacts, all: boolean): string {
  const shown = all ? classes : classes.slice(0, MAX_CLASSES);
  const names = shown.map(({ name }) => printable(name));
  const width = Math.max(5, ...names.map(columns));
  const line = (name: string, ...cells: string[]) =>
    `  ${pad(name, width)}${(test > 0 ? cells : cells.slice(0, 2)).map((cell) => `  ${cell.padStart(9)}`).join("")}`;
  const row = (name: string, counts: { train: number; val: number; test: number }) =>
    line(name, formatGrouped(counts.train), formatGrouped(counts.val), formatGrouped(counts.test));
  const rows = shown.map((entry, i) => row(names[i], entry));
  const rest = classes.length - shown.length;
  if (rest > 0) rows.push(`  … and ${rest} more classes (--all shows them)`);
  if (classes.length > 1) rows.push(row("all", { train, val, test }));
  return ["", line("class", "train", "val", "test"), ...rows, balance(classes), ""]
    .filter((line) => line !== undefined)
    .join("\n");
}

/** A sentence on imbalance, where the largest class is twice the smallest or more. */
function balance(classes: DataFacts["classes"]): string | undefined {
  const counts = classes.map(({ train }) => train);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least === 0 || most < 2 * least) return undefined;
  return `  the largest class has ${(most / least).toFixed(1)} times the images of the smallest: look at balanced accuracy too`;
}

function duplicateText({ duplicates }: DataFacts, all: boolean): string {
  if (duplicates.length === 0) return "no image occurs twice";
  const across = duplicates.filter(({ acrossSplits }) => acrossSplits).length;
  const mislabelled = duplicates.filter(({ acrossClasses }) => acrossClasses).length;
  const head = [
    `${formatGrouped(duplicates.length)} image${duplicates.length === 1 ? " occurs" : "s occur"} more than once`,
    across > 0
      ? `${formatGrouped(across)} of them in train and val: accuracy on these says nothing`
      : "none across train and val",
    mislabelled > 0 ? `${formatGrouped(mislabelled)} in different classes` : "",
  ];
  return [head.filter(Boolean).join("; "), ...limited(duplicates.map(duplicateLine), all)].join("\n");
}

function duplicateLine({ kind, images }: NamedDuplicates): string {
  const shown = images.slice(0, 4).map(printable).join("  ");
  return `  ${kind.padEnd(5)}  ${shown}${images.length > 4 ? `  and ${images.length - 4} more` : ""}`;
}

function skippedText({ skipped }: DataFacts, all: boolean): string {
  if (skipped.length === 0) return "every file could be read";
  const head = `${formatGrouped(skipped.length)} file${skipped.length === 1 ? "" : "s"} could not be read and ${skipped.length === 1 ? "is" : "are"} left out`;
  return [
    head,
    ...limited(
      skipped.map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}`),
      all,
    ),
  ].join("\n");
}

function limited(lines: readonly string[], all: boolean): readonly string[] {
  if (all || lines.length <= SHOWN) return lines;
  return [...lines.slice(0, SHOWN), `  … and ${formatGrouped(lines.length - SHOWN)} more (--all shows them)`];
}

/** File names can hold anything; a terminal must not obey them. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\ufffd");
}

/** Columns of a terminal that a text takes: two for wide letters such as Chinese ones. */
function columns(text: string): number {
  return [...text].reduce(
    (sum, letter) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(
        letter,
      )
        ? 2
        : 1),
    0,
  );
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columns(text)));
}

function side({ height, width }: { readonly height: number; readonly width: number }): string {
  return `${width}×${height}`;
}

function list(values: readonly number[]): string {
  return values.map((value) => value.toFixed(3)).join(" ");
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
