import type { Random } from "../data/random.js";
import type { Augmentation } from "./schema.js";

type Erasing = NonNullable<Augmentation["erasing"]>;

const ATTEMPTS = 10;
/** Height ÷ width of the erased rectangle, drawn uniformly in its logarithm. */
const LOG_RATIO = Math.log(1 / 0.3);

/**
 * Random erasing: with some probability, a rectangle of a normalised image becomes noise or the mean colour (zero).
 * @param images planes channels×side×side from `offset` on
 */
export function erase(
  images: Float32Array,
  offset: number,
  channels: number,
  side: number,
  { probability, area, fill }: Erasing,
  random: Random,
): void {
  if (!random.chance(probability)) return;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const pixels = side * side * random.uniform(area[0], area[1]);
    const aspect = Math.exp(random.uniform(-LOG_RATIO, LOG_RATIO));
    const [height, width] = [Math.round(Math.sqrt(pixels * aspect)), Math.round(Math.sqrt(pixels / aspect))];
    if (height < 1 || width < 1 || height >= side || width >= side) continue;
    const [top, left] = [random.integer(side - height + 1), random.integer(side - width + 1)];
    for (let c = 0; c < channels; c++) {
      for (let y = top; y < top + height; y++) {
        const row = offset + (c * side + y) * side + left;
        for (let i = row; i < row + width; i++) images[i] = fill === "noise" ? random.normal() : 0;
      }
    }
    return;
  }
}
