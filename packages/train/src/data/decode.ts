import { open } from "node:fs/promises";
import type { Region, Sharp } from "sharp";
import { systemReason } from "../systemErrors.js";
import type { ImageSize } from "./dataSet.js";
import { fileKind, supportedKinds } from "./fileKind.js";
import type { Image } from "./image.js";
import { loadSharp } from "./sharp.js";

export interface DecodeOptions {
  /** 3: RGB; 1: grey. */
  readonly channels: 1 | 3;
  /** Largest shorter side of the result; larger images are reduced to it, smaller ones stay. Undefined: as it is. */
  readonly side?: number;
  /** `shorter`: ratio kept up to 2:1, then the middle; `stretch`: exactly side×side. Default `shorter`. */
  readonly fit?: "shorter" | "stretch";
}

/** Pixels beyond which an image is refused instead of decoded. */
const MAX_PIXELS = 2 ** 28;
const MAX_FILE_BYTES = 2 ** 29;
/** Types of pixels whose range is known: 8 and 16 bits. */
const DEPTHS: ReadonlySet<string | undefined> = new Set(["uchar", "ushort"]);
/** Longer ÷ shorter side beyond which the middle is kept. */
const MAX_RATIO = 2;
/** The same, beyond which the rest is not even unpacked: so long that a pixel of rounding is within the image. */
const LONG_RATIO = 4;

/**
 * Reads an image file into bytes of sRGB (or grey), upright: EXIF orientation applied, transparency on white,
 * 16 bits reduced to 8, CMYK converted, the first frame of an animation.
 * @param input a path, or the file's content
 * @throws Error whose message is the reason, fit for a list of skipped files
 */
export async function decodeImage(input: string | Uint8Array, options: DecodeOptions): Promise<Image> {
  const bytes = typeof input === "string" ? await readBounded(input) : input;
  const kind = fileKind(bytes);
  if (!supportedKinds.has(kind)) throw new Error(`not an image that can be read: ${kind}`);
  const sharp = await loadSharp();
  const pipeline = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "error", sequentialRead: true });
  const { autoOrient: original, depth } = await orReason(pipeline.metadata(), kind);
  if (!DEPTHS.has(depth)) throw new Error(`${kind} with pixels of type ${depth}; 8 and 16 bits are read`);
  return { ...(await orReason(render(pipeline, original, options), kind)), original };
}

async function orReason<T>(result: Promise<T>, kind: string): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw new Error(reasonOf(error, kind));
  }
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, "r").catch((error: Error) => {
    throw new Error(systemReason(error));
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error("not a regular file");
    if (stats.size > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES / 2 ** 20} MB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function render(
  pipeline: Sharp,
  original: ImageSize,
  { channels, side, fit = "shorter" }: DecodeOptions,
): Promise<Image> {
  let upright = pipeline.autoOrient();
  if (side !== undefined) {
    upright = upright.resize({
      width: side,
      height: side,
      fit: fit === "stretch" ? "fill" : "outside",
      withoutEnlargement: fit === "shorter",
    });
  }
  const middle = fit === "shorter" ? middleOf(original, side) : undefined;
  if (middle) upright = upright.extract(middle);
  const { data, info } = await upright
    .flatten({ background: "#ffffff" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return planes(data, info, channels);
}

/** Of a long image that is reduced to a shorter side: the middle that is kept. */
function middleOf({ height, width }: ImageSize, side: number | undefined): Region | undefined {
  const [short, long] = [Math.min(height, width), Math.max(height, width)];
  if (long <= LONG_RATIO * short) return undefined;
  const shorter = Math.min(side ?? short, short);
  const start = (Math.round((long * shorter) / short) - MAX_RATIO * shorter) >> 1;
  return width > height
    ? { left: start, top: 0, width: MAX_RATIO * shorter, height: shorter }
    : { left: 0, top: start, width: shorter, height: MAX_RATIO * shorter };
}

interface Interleaved {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Interleaved bytes as planes; of images longer than 2:1, the middle. */
function planes(data: Uint8Array, info: Interleaved, channels: 1 | 3): Image {
  const width = Math.min(info.width, info.height * MAX_RATIO);
  const height = Math.min(info.height, info.width * MAX_RATIO);
  const [left, top] = [(info.width - width) >> 1, (info.height - height) >> 1];
  const result = new Uint8Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    const from = Math.min(c, info.channels - 1);
    for (let y = 0; y < height; y++) {
      let source = ((y + top) * info.width + left) * info.channels + from;
      const end = (c * height + y + 1) * width;
      for (let target = end - width; target < end; target++, source += info.channels) result[target] = data[source];
    }
  }
  return { data: result, channels, height, width };
}

/**
 * The library's message, shortened to its first line and led by what the file claims to be. Where several files are
 * decoded at once, another's failure may have taken the message along.
 */
function reasonOf(error: unknown, kind: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split("\n").find((text) => text.trim() !== "") ?? "unreadable";
  if (/pixel limit/.test(message)) return `${kind} of more than ${MAX_PIXELS / 2 ** 20} million pixels`;
  return `damaged ${kind}: ${/^unknown error/i.test(line) ? "it cannot be decoded" : line.trim().slice(0, 160)}`;
}
