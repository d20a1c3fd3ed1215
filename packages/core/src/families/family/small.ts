import type { Complexity } from "../../graph/complexity.js";
import { boundScale } from "../../space/scale.js";
import { RegNetCounter } from "../countModel.js";
import type { Plan } from "./plan.js";
import { type Reason, short, signed } from "./reasons.js";
import type { Found } from "./search.js";

/**
 * What good small networks have in common where they are trained for minutes on a processor: studies/small-rule has the
 * evidence. It holds below the least published budget, of 200M flops at 224² pixels.
 */
export const smallRule = {
  below: 200e6,
  stages: 3,
  depth: 5,
  /** Share of the blocks in the last stage. */
  last: 0.6,
  wm: 2.4,
  groupWidth: 64,
  stemWidth: 16,
  /** w0 = factor · (flops at 224²)^exponent. */
  w0: { factor: 24 / Math.sqrt(122e6), exponent: 0.5 },
} as const;

/** Whether a budget for such images is one that the small rule is for. */
export function isSmall({ budget, input, body }: Plan): boolean {
  return budget * boundScale(input, body.stem) < smallRule.below;
}

/** What is tried, the likeliest first; slopes in halves. */
const DEPTHS = [5, 6, 4, 7];
const GROUPS = [64, 48, 32, 80, 96, 24, 16];
const MULTIPLIERS = Array.from({ length: 14 }, (_, i) => (18 + i) / 10);
const SLOPES = { least: 2, most: 256, half: 0.5 };
/** What counts as one unit of distance: of log2(w0), depth, log2(group width), wm, the last stage's share, offsets in tolerances. */
const UNITS = { w0: 0.7, depth: 0.6, groupWidth: 1, wm: 0.5, last: 0.12, offset: 2 };

/** The network of the small rule within the tolerance of a budget; none where widths are too coarse for it. */
export function searchSmall(plan: Plan, tolerance: number): Found | undefined {
  const { budget, input, se, body } = plan;
  const counter = new RegNetCounter();
  const wanted = smallRule.w0.factor * (budget * boundScale(input, body.stem)) ** smallRule.w0.exponent;
  let best: { readonly found: Found; readonly score: number } | undefined;
  for (const fixed of combinations(wanted)) {
    const distance = fixedDistance(fixed, wanted);
    for (let halves = SLOPES.least; halves <= SLOPES.most; halves++) {
      if (best && distance >= best.score) break;
      const wa = halves * SLOPES.half;
      counter.regnet({ ...fixed, wa, bottleneck: 1, se }, input, body);
      const offset = counter.flops / budget - 1;
      const { count, levels, depths } = counter.stages;
      // Widths are rounded: flops grow with the slope on the whole, not from one to the next.
      if (offset > 1) break;
      if (count !== smallRule.stages || levels !== count || Math.abs(offset) > tolerance) continue;
      const share = depths[count - 1] / fixed.depth;
      const score = distance + ((share - smallRule.last) / UNITS.last) ** 2 + (offset / tolerance / UNITS.offset) ** 2;
      if (!best || score < best.score) best = { found: { ...fixed, wa }, score };
    }
  }
  return best?.found;
}

type Fixed = Omit<Found, "wa">;

function combinations(wanted: number): Fixed[] {
  const most = 8 * Math.max(2, Math.ceil(wanted / 5));
  const initial = Array.from({ length: most / 8 }, (_, i) => 8 * (i + 1));
  return initial.flatMap((w0) =>
    DEPTHS.flatMap((depth) =>
      GROUPS.flatMap((groupWidth) => MULTIPLIERS.map((wm): Fixed => ({ w0, depth, groupWidth, wm }))),
    ),
  );
}

function fixedDistance({ w0, depth, groupWidth, wm }: Fixed, wanted: number): number {
  return (
    (Math.log2(w0 / wanted) / UNITS.w0) ** 2 +
    ((depth - smallRule.depth) / UNITS.depth) ** 2 +
    (Math.log2(groupWidth / smallRule.groupWidth) / UNITS.groupWidth) ** 2 +
    ((wm - smallRule.wm) / UNITS.wm) ** 2
  );
}

/** A sentence for each quantity that the small rule settles. */
export function smallReasons({ body, budget }: Plan, found: Found, { flops, params, acts }: Complexity): Reason[] {
  const why = "what small networks have in common that learn most in minutes on a processor (studies/small-rule)";
  return [
    { quantity: "stem", value: `${body.stem}, ${body.stemWidth} channels`, reason: "leaves the flops to the stages" },
    { quantity: "stages", value: String(smallRule.stages), reason: why },
    { quantity: "bottleneck", value: "1", reason: "no bottleneck, as at larger budgets" },
    { quantity: "depth", value: String(found.depth), reason: why },
    { quantity: "wm", value: String(found.wm), reason: `about ${smallRule.wm}` },
    { quantity: "w0", value: String(found.w0), reason: "grows as the root of the flops" },
    { quantity: "groupWidth", value: String(found.groupWidth), reason: "narrow groups are slow on processors" },
    { quantity: "wa", value: String(found.wa), reason: "what meets the budget" },
    {
      quantity: "flops",
      value: short(flops),
      reason: `${signed(flops / budget - 1)} off the budget of ${short(budget)}`,
    },
    { quantity: "params", value: short(params), reason: "as counted" },
    { quantity: "acts", value: short(acts), reason: "as counted" },
  ];
}
