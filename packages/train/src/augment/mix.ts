import type { Random } from "../data/random.js";
import type { Augmentation } from "./schema.js";

type Mix = NonNullable<Augmentation["mix"]>;

/** A batch in memory: images batch×channels×side×side, targets batch×classes. */
export interface MixableBatch {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly batch: number;
  readonly channels: number;
  readonly side: number;
  readonly classes: number;
}

/**
 * Mixes image i with image batch−1−i, in place, targets alike: all of a batch by mixup or all by cutmix, with one
 * share. An odd batch's middle image stays as it is.
 */
export function mixBatch(batch: MixableBatch, mix: Mix, random: Random): void {
  if ((mix.mixup === 0 && mix.cutmix === 0) || !random.chance(mix.probability)) return;
  const byCutmix = mix.cutmix > 0 && (mix.mixup === 0 || random.chance(mix.cutmixShare));
  const share = random.symmetricBeta(byCutmix ? mix.cutmix : mix.mixup);
  const kept = byCutmix ? swapBox(batch, share, random) : blend(batch.images, batch.batch, share);
  blend(batch.targets, batch.batch, kept);
}

/** Row i becomes share × row i + (1 − share) × row count−1−i. @returns the share */
function blend(values: Float32Array, count: number, share: number): number {
  const length = values.length / count;
  for (let i = 0; i < count >> 1; i++) {
    const [a, b] = [i * length, (count - 1 - i) * length];
    for (let k = 0; k < length; k++) {
      const [x, y] = [values[a + k], values[b + k]];
      values[a + k] = share * x + (1 - share) * y;
      values[b + k] = share * y + (1 - share) * x;
    }
  }
  return share;
}

/** Exchanges a box of about 1 − share of the area between partners. @returns the share of the area that stays */
function swapBox({ images, batch, channels, side }: MixableBatch, share: number, random: Random): number {
  const half = (side * Math.sqrt(1 - share)) / 2;
  const [y, x] = [random.uniform(0, side), random.uniform(0, side)];
  const clamp = (value: number) => Math.max(0, Math.min(side, Math.round(value)));
  const [top, bottom, left, right] = [clamp(y - half), clamp(y + half), clamp(x - half), clamp(x + half)];
  const length = channels * side * side;
  for (let i = 0; i < batch >> 1; i++) {
    const partner = (batch - 1 - 2 * i) * length;
    for (let c = 0; c < channels; c++) {
      for (let row = top; row < bottom; row++) {
        const start = i * length + (c * side + row) * side;
        for (let at = start + left; at < start + right; at++) {
          const kept = images[at];
          images[at] = images[at + partner];
          images[at + partner] = kept;
        }
      }
    }
  }
  return 1 - ((bottom - top) * (right - left)) / (side * side);
}
