import type { DecodeOptions } from "./decode.js";
import type { Image } from "./image.js";
import { loadSharp } from "./sharp.js";

/** An image that needs no decoding, brought to the channels and the size asked for. */
export async function reducePlanes(image: Image, options: DecodeOptions): Promise<Image> {
  const coloured = withChannels(image, options.channels);
  const { side, fit } = options;
  const { height, width } = image;
  const fits =
    side === undefined || (fit === "stretch" ? height === side && width === side : Math.min(height, width) <= side);
  return fits ? coloured : resizePlanes(coloured, side!, fit === "stretch");
}

/** Grey as three equal planes; colour as grey by the luma of Rec. 601. */
export function withChannels(image: Image, channels: 1 | 3): Image {
  if (image.channels === channels) return image;
  const { data, height, width } = image;
  const area = height * width;
  const result = new Uint8Array(channels * area);
  if (channels === 3) for (let c = 0; c < 3; c++) result.set(data, c * area);
  else
    for (let i = 0; i < area; i++)
      result[i] = 0.299 * data[i] + 0.587 * data[area + i] + 0.114 * data[2 * area + i] + 0.5;
  return { data: result, channels, height, width };
}

async function resizePlanes({ data, channels, height, width }: Image, side: number, stretch: boolean): Promise<Image> {
  const sharp = await loadSharp();
  const area = height * width;
  const planes: Uint8Array[] = [];
  let size = { height: 0, width: 0 };
  for (let c = 0; c < channels; c++) {
    const plane = await sharp(data.subarray(c * area, (c + 1) * area), { raw: { width, height, channels: 1 } })
      .resize({ width: side, height: side, fit: stretch ? "fill" : "outside" })
      .toColourspace("b-w")
      .raw()
      .toBuffer({ resolveWithObject: true });
    planes.push(plane.data);
    size = plane.info;
  }
  return {
    data: new Uint8Array(Buffer.concat(planes)),
    channels,
    height: size.height,
    width: size.width,
    original: { height, width },
  };
}
