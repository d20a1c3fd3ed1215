import { decodeImage } from "../data/decode.js";
import { loadSharp } from "../data/sharp.js";
import type { NetworkCard } from "./card.js";
import type { SaliencyMap } from "./saliency.js";

/** Least side of the picture, in pixels. */
const SIDE = 448;
/** Share of the colours over the image. */
const OPACITY = 0.5;

/**
 * The part of an image that the network sees, in grey, under the colours of a saliency map: blue where nothing speaks for
 * the class, red where most does.
 * @returns a PNG file
 */
export async function saliencyPicture(
  input: string | Uint8Array,
  map: SaliencyMap,
  { crop }: NetworkCard,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const image = await decodeImage(input, { channels: 1 });
  const part = Math.max(1, Math.round(crop * Math.min(image.height, image.width)));
  const raw = { width: image.width, height: image.height, channels: 1 as const };
  const [left, top] = [(image.width - part) >> 1, (image.height - part) >> 1];
  const side = Math.max(SIDE, map.width);
  const grey = await sharp(image.data, { raw })
    .extract({ left, top, width: part, height: part })
    .resize(side, side, { kernel: part < side / 4 ? "nearest" : "cubic" })
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  const heat = await sharp(Buffer.from(map.values.map((value) => Math.round(255 * value))), {
    raw: { width: map.width, height: map.height, channels: 1 },
  })
    .resize(side, side, { kernel: "cubic", fit: "fill" })
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  return sharp(overlay(grey, heat), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

function overlay(grey: Uint8Array, heat: Uint8Array): Buffer {
  const pixels = Buffer.alloc(3 * grey.length);
  for (let i = 0; i < grey.length; i++) {
    const colour = colourOf(heat[i] / 255);
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = (1 - OPACITY) * grey[i] + OPACITY * 255 * colour[c];
  }
  return pixels;
}

/** From blue over green to red, each a tent of the value. */
function colourOf(value: number): readonly [number, number, number] {
  const tent = (centre: number) => Math.max(0, Math.min(1, 1.5 - Math.abs(4 * value - centre)));
  return [tent(3), tent(2), tent(1)];
}
