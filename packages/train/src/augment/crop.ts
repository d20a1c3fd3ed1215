import type { Image } from "../data/image.js";
import type { Random } from "../data/random.js";
import type { Canvas } from "./canvas.js";
import { type Rectangle, resample } from "./resample.js";
import type { Augmentation } from "./schema.js";
import { shiftInto } from "./shift.js";

/** Puts an image onto a canvas: crop, scale, flip. */
export type Crop = (image: Image, canvas: Canvas, random: Random) => void;

/** The evaluation crop: the middle square of `share` of the shorter side, scaled to the canvas. */
export function centreCrop(share: number): Crop {
  return (image, canvas) => place(image, centreSquare(image, share), canvas, false);
}

/** The training crop that an augmentation asks for, with its flip. */
export function trainingCrop({ crop, flip }: Augmentation): Crop {
  switch (crop.kind) {
    case "centre":
      return (image, canvas, random) => place(image, centreSquare(image, 1), canvas, flip > 0 && random.chance(flip));
    case "randomResizedCrop":
      return (image, canvas, random) => {
        const rectangle = randomRectangle(image, crop.area, crop.ratio, random);
        place(image, rectangle, canvas, flip > 0 && random.chance(flip));
      };
    case "padAndCrop":
      return padAndCrop(crop.padding, crop.fill, flip);
    default:
      return crop satisfies never;
  }
}

function padAndCrop(padding: number, fill: "mean" | "black" | "reflect", flip: number): Crop {
  return (image, canvas, random) => {
    const [dy, dx] = [random.integer(2 * padding + 1) - padding, random.integer(2 * padding + 1) - padding];
    const mirrored = flip > 0 && random.chance(flip);
    if (isSquare(image, canvas.side)) shiftInto(canvas, image.data, dy, dx, mirrored, fill);
    else {
      resample(image, centreSquare(image, 1), canvas, false);
      canvas.swap();
      shiftInto(canvas, canvas.spare, dy, dx, mirrored, fill);
    }
  };
}

/** A rectangle onto the canvas; one of the canvas's own size is copied. */
function place(image: Image, from: Rectangle, canvas: Canvas, mirrored: boolean): void {
  if (isSquare(image, canvas.side) && isSquare(from, canvas.side))
    shiftInto(canvas, image.data, 0, 0, mirrored, "black");
  else resample(image, from, canvas, mirrored);
}

function isSquare({ height, width }: { readonly height: number; readonly width: number }, side: number): boolean {
  return height === side && width === side;
}

function centreSquare({ height, width }: Image, share: number): Rectangle {
  const side = Math.max(1, Math.round(share * Math.min(height, width)));
  return { top: (height - side) >> 1, left: (width - side) >> 1, height: side, width: side };
}

const ATTEMPTS = 10;

/** Area uniform, logarithm of the ratio uniform; after ten draws that do not fit, the largest middle that has the ratio. */
export function randomRectangle(
  { height, width }: Image,
  area: readonly [number, number],
  ratio: readonly [number, number],
  random: Random,
): Rectangle {
  const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const pixels = height * width * random.uniform(area[0], area[1]);
    const aspect = Math.exp(random.uniform(low, high));
    const [w, h] = [Math.round(Math.sqrt(pixels * aspect)), Math.round(Math.sqrt(pixels / aspect))];
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { top: random.integer(height - h + 1), left: random.integer(width - w + 1), height: h, width: w };
  }
  return largestMiddle(height, width, ratio);
}

function largestMiddle(height: number, width: number, ratio: readonly [number, number]): Rectangle {
  const own = width / height;
  const w = own > ratio[1] ? Math.max(1, Math.round(height * ratio[1])) : width;
  const h = own < ratio[0] ? Math.max(1, Math.round(width / ratio[0])) : height;
  return { top: (height - h) >> 1, left: (width - w) >> 1, height: h, width: w };
}
