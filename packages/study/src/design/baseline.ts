import {
  countModel,
  findModel,
  type ModelSpec,
  type NetworkOptions,
  type RegNetModel,
  RegnetError,
} from "@regnet/core";

/** The published network that designs are measured against. */
export const BASELINE = "RegNetY-200MF";

export interface ScaledBaseline {
  readonly name: string;
  readonly spec: ModelSpec;
  readonly flops: number;
}

/** A baseline further from its flops than this is none. */
const TOLERANCE = 0.15;
/** Near enough for the published depth. */
const NEAR = 0.03;

/**
 * RegNetY-200MF at other flops: the line of its widths is scaled (w0 and wa by one factor), its depth, wm and group
 * width stay; where no width meets the flops, blocks are left out. It gets the stem of the networks it is compared with.
 * Undefined where nothing within 15 % is found.
 *
 * @param body the stem of the space
 */
export function scaledBaseline(
  flops: number,
  input: NetworkOptions,
  body: Pick<RegNetModel, "stem" | "stemWidth"> = {},
): ScaledBaseline | undefined {
  const published = findModel(BASELINE).spec as RegNetModel;
  let best: ScaledBaseline | undefined;
  for (let depth = published.depth; depth >= 4; depth--) {
    best = closer(best, nearestScale({ ...published, ...body, depth }, flops, input), flops);
    if (best && Math.abs(best.flops / flops - 1) < NEAR) break;
  }
  return best && Math.abs(best.flops / flops - 1) <= TOLERANCE ? best : undefined;
}

const STEPS = 400;

/** The nearest on the scaled line, w0 rounded to a multiple of 8 to either side. */
function nearestScale(base: RegNetModel, flops: number, input: NetworkOptions): ScaledBaseline | undefined {
  let best: ScaledBaseline | undefined;
  for (let i = 0; i <= STEPS; i++) {
    const scale = 0.15 * (20 / 0.15) ** (i / STEPS);
    const eights = (base.w0 * scale) / 8;
    for (const w0 of new Set([Math.floor(eights), Math.ceil(eights)].map((n) => 8 * Math.max(1, n)))) {
      const spec = { ...base, w0, wa: round(base.wa * scale) };
      const counted = flopsOf(spec, input);
      if (counted !== undefined) best = closer(best, { name: BASELINE, spec, flops: counted }, flops);
    }
  }
  return best;
}

/** Undefined for networks that these images are too small for. */
function flopsOf(spec: ModelSpec, input: NetworkOptions): number | undefined {
  try {
    return countModel(spec, input).flops;
  } catch (error) {
    if (error instanceof RegnetError) return undefined;
    throw error;
  }
}

function closer(
  a: ScaledBaseline | undefined,
  b: ScaledBaseline | undefined,
  flops: number,
): ScaledBaseline | undefined {
  if (!a || !b) return a ?? b;
  return Math.abs(Math.log(b.flops / flops)) < Math.abs(Math.log(a.flops / flops)) ? b : a;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
