import { invalid, missing } from "../errors.js";
import { multiplierOf } from "./groups.js";

/** Which code's rounding to follow where they differ: the authors' (`pycls`) or `torchvision`'s. */
export type Convention = "pycls" | "torchvision";

/** The parameters of the RegNet rule (paper §3.3). */
export interface RegNetParameters {
  /** Initial width w0 > 0, a multiple of 8. */
  readonly w0: number;
  /** Slope wa ≥ 0 of the line u_j = w0 + wa·j. */
  readonly wa: number;
  /** Width multiplier wm > 1 between stages. */
  readonly wm: number;
  /** Number of blocks d. */
  readonly depth: number;
  /** Group width g of the 3×3 convolutions. */
  readonly groupWidth: number;
  /** Bottleneck ratio b = width ÷ bottleneck width; default 1. Below 1 the bottleneck is inverted. */
  readonly bottleneck?: number;
  /** Squeeze-excitation ratio; default 0, which is off. */
  readonly se?: number;
}

/** The widths are multiples of this many channels (q of the paper's code). */
export const WIDTH_QUANTUM = 8;

/** Most blocks a network may have: a bound against nonsense, far above anything published. */
export const DEPTH_LIMIT = 1024;
/** Most channels a layer may have: a bound against nonsense. */
export const WIDTH_LIMIT = 1 << 20;

/** Throws a `RegnetError` that names the first parameter that is out of range. */
export function validateParameters(p: RegNetParameters): void {
  const { w0, wa, wm, depth, groupWidth, bottleneck = 1, se = 0 } = p;
  if (w0 === undefined) throw missing("w0", "give the initial width");
  if (wa === undefined) throw missing("wa", "give the slope of the widths");
  if (wm === undefined) throw missing("wm", "give the width multiplier");
  if (depth === undefined) throw missing("depth", "give the number of blocks");
  if (groupWidth === undefined) throw missing("groupWidth", "give the group width");
  if (!(w0 > 0 && w0 <= WIDTH_LIMIT) || w0 % WIDTH_QUANTUM !== 0) {
    throw invalid("w0", w0, `a positive multiple of ${WIDTH_QUANTUM}`, nearestMultiple(w0));
  }
  if (!(wa >= 0 && wa <= WIDTH_LIMIT)) throw invalid("wa", wa, "a number of at least 0");
  if (!(wm > 1 && wm <= 64)) throw invalid("wm", wm, "a number above 1 and at most 64");
  if (!Number.isInteger(depth) || depth < 1 || depth > DEPTH_LIMIT) {
    throw invalid("depth", depth, `an integer from 1 to ${DEPTH_LIMIT}`);
  }
  if (!Number.isInteger(groupWidth) || groupWidth < 1 || groupWidth > WIDTH_LIMIT) {
    throw invalid("groupWidth", groupWidth, "a positive integer");
  }
  if (
    !(bottleneck > 0 && bottleneck <= WIDTH_LIMIT) ||
    (bottleneck < 1 && !Number.isInteger(multiplierOf(bottleneck)))
  ) {
    throw invalid("bottleneck", bottleneck, "a ratio of at least 1, or 1/k for an integer k", "such as 0.25");
  }
  if (!(se >= 0 && se <= 1)) throw invalid("se", se, "a ratio from 0 (off) to 1");
}

function nearestMultiple(w0: number): string | undefined {
  if (!(w0 > 0 && w0 <= WIDTH_LIMIT)) return undefined;
  return `the nearest is ${Math.max(1, Math.round(w0 / WIDTH_QUANTUM)) * WIDTH_QUANTUM}`;
}
