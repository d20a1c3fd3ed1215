import { RegnetError } from "../errors.js";
import { bottleneckWidth, fitWidth } from "./groups.js";
import { type Convention, DEPTH_LIMIT, type RegNetParameters, WIDTH_LIMIT, WIDTH_QUANTUM } from "./parameters.js";
import { roundHalfEven } from "./rounding.js";

/**
 * The stages of one network at a time, in buffers that are used again: millions of networks are looked at without
 * leaving garbage behind. `applyRule` is the same for people.
 */
export class StageBuffer {
  /** Stages of the network at hand; the arrays below hold as many entries. */
  count = 0;
  /** Levels of wm that the line spans, max⌊s_j⌉ + 1. */
  levels = 0;
  /** Widths, multiples of 8, before groups were fitted. */
  readonly quantised = new Float64Array(DEPTH_LIMIT);
  readonly widths = new Float64Array(DEPTH_LIMIT);
  readonly depths = new Float64Array(DEPTH_LIMIT);
  readonly groupWidths = new Float64Array(DEPTH_LIMIT);

  /**
   * Fills the buffer with what the rule makes of valid parameters (see `validateParameters`).
   *
   * @throws RegnetError when no width fits the groups, or the widths grow beyond any network
   */
  fill(parameters: RegNetParameters, convention: Convention): void {
    this.quantise(parameters.w0, parameters.wa, parameters.wm, parameters.depth, convention === "torchvision");
    const { groupWidth, bottleneck = 1 } = parameters;
    for (let i = 0; i < this.count; i++) {
      const width = this.quantised[i];
      const group = Math.min(groupWidth, bottleneckWidth(width, bottleneck));
      this.groupWidths[i] = group;
      this.widths[i] = fitWidth(width, group, bottleneck, convention);
    }
  }

  /**
   * Eqs. 2 to 4: every block takes the nearest power of wm, in multiples of 8; runs of equal width become stages.
   * torchvision computes in single precision, the authors in double.
   */
  private quantise(w0: number, wa: number, wm: number, depth: number, single: boolean): void {
    const levelOf = single ? levelInSingle : levelInDouble;
    const logWm = Math.log(wm);
    let level = 0;
    this.count = 0;
    for (let j = 0; j < depth; ) {
      level = levelOf(j, w0, wa, logWm);
      const power = wm ** level;
      const guess = Math.ceil((w0 * (power * Math.sqrt(wm) - 1)) / wa);
      let end = guess > j && guess < depth ? guess : depth;
      while (end > j + 1 && levelOf(end - 1, w0, wa, logWm) !== level) end--;
      while (end < depth && levelOf(end, w0, wa, logWm) === level) end++;
      const width = single
        ? Math.fround(Math.fround(w0 * Math.fround(power)) / WIDTH_QUANTUM)
        : (w0 * power) / WIDTH_QUANTUM;
      this.open(roundHalfEven(width) * WIDTH_QUANTUM, end - j);
      j = end;
    }
    this.levels = level + 1;
  }

  /** Starts a stage, or goes on with the last where rounding made both as wide. */
  private open(width: number, depth: number): void {
    if (width > WIDTH_LIMIT) throw tooWide(width);
    if (this.count > 0 && this.quantised[this.count - 1] === width) {
      this.depths[this.count - 1] += depth;
      return;
    }
    this.quantised[this.count] = width;
    this.depths[this.count++] = depth;
  }
}

/** ⌊s_j⌉ of block j (eq. 3), which never falls with j. */
function levelInDouble(j: number, w0: number, wa: number, logWm: number): number {
  return roundHalfEven(Math.log((wa * j + w0) / w0) / logWm);
}

function levelInSingle(j: number, w0: number, wa: number, logWm: number): number {
  const single = Math.fround;
  return roundHalfEven(single(single(Math.log(single(single(single(wa * j) + w0) / w0))) / logWm));
}

function tooWide(width: number): RegnetError {
  return new RegnetError(
    `invalid wa: the widths reach ${width}, expected at most ${WIDTH_LIMIT}; lower wa, wm or the depth`,
    "invalid",
    "wa",
  );
}
