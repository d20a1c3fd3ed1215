import type { OverlayOptions } from "sharp";
import type { DataSet, SplitName } from "./dataSet.js";
import type { Image } from "./image.js";
import { withChannels } from "./reduce.js";
import { loadSharp } from "./sharp.js";

export interface ContactSheetOptions {
  /** Images a class of train; default 10. */
  readonly train?: number;
  /** Images a class of val; default 3. */
  readonly val?: number;
  /** Classes shown, spread evenly over all; default 24. */
  readonly classes?: number;
  /** Side of a picture in pixels; default 72. */
  readonly cell?: number;
}

const GAP = 4;
const LABEL_WIDTH = 168;
const HEADER = 28;
const MAX_LABEL = 22;
const BACKGROUND = "#eceef1";
const INK = "#202428";

/** Images of every class side by side, spread evenly over its images, train apart from val, as a PNG. */
export async function contactSheet(dataSet: DataSet, options: ContactSheetOptions = {}): Promise<Uint8Array> {
  const { train = 10, val = 3, classes = 24, cell = 72 } = options;
  const labels = spread(dataSet.classes.length, classes);
  const counts = { train, val: dataSet.splits.val.count > 0 ? val : 0 };
  const step = cell + GAP;
  const valLeft = LABEL_WIDTH + counts.train * step + 3 * GAP;
  const width = valLeft + counts.val * step;
  const height = HEADER + labels.length * step;
  const pictures = labels.flatMap((label, row) => [
    ...pick(dataSet, "train", label, counts.train).map((image, i) => at(image, LABEL_WIDTH + i * step, row)),
    ...pick(dataSet, "val", label, counts.val).map((image, i) => at(image, valLeft + i * step, row)),
  ]);
  function at(image: Image, left: number, row: number) {
    return { image, left, top: HEADER + row * step };
  }
  const overlays = await Promise.all(
    pictures.map(async ({ image, left, top }) => ({ input: await picture(image, cell), left, top })),
  );
  const text = lettering(dataSet, labels, { width, height, step, valLeft, hasVal: counts.val > 0 });
  return compose(width, height, [...overlays, { input: Buffer.from(text), left: 0, top: 0 }]);
}

async function compose(width: number, height: number, overlays: OverlayOptions[]): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp({ create: { width, height, channels: 3, background: BACKGROUND } })
    .composite(overlays)
    .png()
    .toBuffer();
}

/** Up to `count` whole numbers below `length`, evenly spread. */
function spread(length: number, count: number): number[] {
  const shown = Math.min(length, count);
  return Array.from({ length: shown }, (_, i) => Math.floor((i * length) / shown));
}

function pick({ splits }: DataSet, name: SplitName, label: number, count: number): Image[] {
  const split = splits[name];
  const members: number[] = [];
  for (let i = 0; i < split.count; i++) if (split.labels[i] === label) members.push(i);
  return spread(members.length, count).map((i) => split.image(members[i]));
}

/** The middle square, small images enlarged with their pixels showing. */
async function picture(image: Image, cell: number): Promise<Buffer> {
  const sharp = await loadSharp();
  const { data, height, width } = withChannels(image, 3);
  const area = height * width;
  const interleaved = new Uint8Array(3 * area);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) interleaved[3 * i + c] = data[c * area + i];
  const kernel = Math.min(height, width) < cell ? "nearest" : "lanczos3";
  return sharp(interleaved, { raw: { width, height, channels: 3 } })
    .resize({ width: cell, height: cell, fit: "cover", kernel })
    .png()
    .toBuffer();
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly step: number;
  readonly valLeft: number;
  readonly hasVal: boolean;
}

function lettering({ classes, splits }: DataSet, labels: readonly number[], layout: Layout): string {
  const { width, height, step, valLeft, hasVal } = layout;
  const names = labels.map((label, row) => {
    const y = HEADER + row * step + step / 2;
    const counts = `${splits.train.classCounts[label]}${hasVal ? ` + ${splits.val.classCounts[label]}` : ""}`;
    return text(8, y - 3, shorten(classes[label]), 13) + text(8, y + 14, counts, 11, "#6a737d");
  });
  const heads = text(LABEL_WIDTH, 18, "train", 13) + (hasVal ? text(valLeft, 18, "val", 13) : "");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${heads}${names.join("")}</svg>`;
}

function text(x: number, y: number, content: string, size: number, colour = INK): string {
  return `<text x="${x}" y="${y}" font-family="sans-serif" font-size="${size}" fill="${colour}">${escapeXml(content)}</text>`;
}

function shorten(name: string): string {
  const letters = [...name];
  return letters.length > MAX_LABEL ? `${letters.slice(0, MAX_LABEL - 1).join("")}…` : name;
}

/** Characters that XML cannot hold are shown as a question mark. */
function escapeXml(content: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return content
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?")
    .replace(/[&<>"]/g, (c) => entities[c]);
}
