import { STEMS } from "../families/anynet.js";
import type { CountedInput } from "../families/input.js";

/** Positions of the feature map after the stem for which the paper's bounds were published: 112 × 112. */
const REFERENCE = 112 * 112;

/**
 * The factor from flops and acts of an image to those of one of 224² pixels into a stem of stride 2, where the bounds
 * of a space hold. The patchify stem and the first stage's stride come out alike: both leave 56² positions.
 */
export function boundScale({ height, width }: CountedInput, stem: keyof typeof STEMS): number {
  const stride = stem === "patchify" ? 2 : STEMS[stem].stride;
  return REFERENCE / (Math.ceil(height / stride) * Math.ceil(width / stride));
}
