import type { Evaluation } from "@regnet/train";
import { percent } from "../commands/study/format.js";

/** Classes up to which the whole matrix is shown. */
const WHOLE = 12;
const WORST = 10;
const NAME = 16;

/** Recall and precision of the classes, and which is taken for which. */
export function confusionText({ classes, confusion }: Evaluation): string {
  return classes.length <= WHOLE ? matrix(classes, confusion) : mistakes(classes, confusion);
}

function matrix(classes: Evaluation["classes"], confusion: Evaluation["confusion"]): string {
  const width = 1 + Math.max(...confusion.flat().map((count) => String(count).length), 2);
  const head = `${" ".repeat(NAME + 3)}${classes.map((_, i) => String(i).padStart(width)).join("")}   recall  precision`;
  const rows = classes.map(({ name, recall, precision }, i) => {
    const counts = confusion[i].map((count) => String(count || "·").padStart(width)).join("");
    return `${String(i).padStart(2)} ${fit(name)}${counts} ${share(recall)} ${share(precision)}`;
  });
  return ["rows: the class; columns: what it was taken for", head, ...rows].join("\n");
}

function mistakes(classes: Evaluation["classes"], confusion: Evaluation["confusion"]): string {
  const all = confusion.flatMap((row, i) => row.map((count, j) => ({ count, i, j })));
  const worst = all.filter(({ count, i, j }) => count > 0 && i !== j).sort((a, b) => b.count - a.count);
  const lines = worst.slice(0, WORST).map(({ count, i, j }) => {
    return `${String(count).padStart(6)}  ${fit(classes[i].name)} taken for ${classes[j].name}`;
  });
  const ranked = classes.filter(({ recall }) => recall !== undefined).sort((a, b) => (a.recall ?? 0) - (b.recall ?? 0));
  const least = ranked.slice(0, WORST).map(({ name, recall, images }) => `${share(recall)}  ${fit(name)} of ${images}`);
  return ["least recognised:", ...least, "", "most frequent mistakes:", ...lines].join("\n");
}

function fit(name: string): string {
  return name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name.padEnd(NAME);
}

function share(value: number | undefined): string {
  return (value === undefined ? "–" : percent(value)).padStart(8);
}
