import type { RegNetParameters } from "../../rule/parameters.js";
import { brokenBound } from "../../space/limits.js";
import { regnetBounds } from "../../space/named/regnet.js";
import { RegNetCounter } from "../countModel.js";
import type { Plan } from "./plan.js";
import { type TrendQuantity, trendAt } from "./trends.js";

/** What the paper's §4 says of the best networks of every budget, and how far the published ones stray from it. */
export const PAPER = { depth: 20, depthDeviation: 4, wm: 2.5, wmDeviation: 0.2 } as const;

/** The likeliest first, so that most of the others are passed over. */
const DEPTHS = range(6, 28, 1).sort((a, b) => Math.abs(a - PAPER.depth) - Math.abs(b - PAPER.depth));
const MULTIPLIERS = range(20, 30, 1)
  .map((tenth) => tenth / 10)
  .sort((a, b) => Math.abs(a - PAPER.wm) - Math.abs(b - PAPER.wm));
/** Groups of one channel are worse at every budget (§4), and the published networks have none narrower than 8. */
const GROUPS = [4, ...range(8, 512, 8)];
/** Deviations that an offset of the whole tolerance counts for. */
const OFFSETS = 3;
const SLOPE = { least: 1, most: 512, step: 0.1 };

/** Parameters of the rule, found by the search. */
export type Found = Pick<RegNetParameters, "w0" | "wa" | "wm" | "depth" | "groupWidth">;

/** What the search found, and the least and most flops it came by. */
export interface Searched {
  readonly found?: Found;
  readonly least: number;
  readonly most: number;
}

/**
 * The network within the tolerance of the budget that lies nearest to the trends: least sum of squared distances, each
 * in units of the published networks' own spread. For each depth, wm, w0 and group width, wa is what meets the budget.
 */
export function searchPlan(plan: Plan, tolerance: number): Searched {
  const search = new Search(plan, tolerance);
  for (const w0 of near(plan, "w0", range(8, 1024, 8))) {
    for (const groupWidth of near(plan, "groupWidth", GROUPS)) {
      for (const depth of DEPTHS) for (const wm of MULTIPLIERS) search.look({ w0, groupWidth, depth, wm });
    }
  }
  return search;
}

class Search {
  found?: Found;
  least = Number.POSITIVE_INFINITY;
  most = 0;
  private score = Number.POSITIVE_INFINITY;
  private readonly counter = new RegNetCounter();
  private readonly parameters;

  constructor(
    private readonly plan: Plan,
    private readonly tolerance: number,
  ) {
    this.parameters = { w0: 8, wa: 1, wm: 2, depth: 1, groupWidth: 1, bottleneck: 1, se: plan.se };
  }

  look(fixed: Omit<Found, "wa">): void {
    Object.assign(this.parameters, fixed);
    const distance = this.fixedDistance();
    if (distance >= this.score) return;
    this.meetBudget();
    const { budget, stages } = this.plan;
    const { count, levels } = this.counter.stages;
    const offset = Math.abs(this.counter.flops / budget - 1);
    if (count !== stages || levels !== stages || offset > this.tolerance) return;
    if (this.plan.bounded && brokenBound(this.counter, regnetBounds, this.plan.scale)) return;
    const score = distance + this.drawnDistance() + ((OFFSETS * offset) / this.tolerance) ** 2;
    if (score >= this.score) return;
    this.score = score;
    this.found = { ...fixed, wa: this.parameters.wa };
  }

  /** Halves the range of wa, over which flops grow but for rounding, until it is one step wide; keeps the nearer end. */
  private meetBudget(): void {
    let [low, high] = [SLOPE.least / SLOPE.step, SLOPE.most / SLOPE.step];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.flopsAt(middle) < this.plan.budget) low = middle;
      else high = middle;
    }
    const [below, above] = [this.flopsAt(low), this.flopsAt(high)];
    if (Math.abs(below - this.plan.budget) < Math.abs(above - this.plan.budget)) this.flopsAt(low);
  }

  private flopsAt(steps: number): number {
    this.parameters.wa = Math.round(steps) / (1 / SLOPE.step);
    this.counter.regnet(this.parameters, this.plan.input, this.plan.body);
    const { flops } = this.counter;
    this.least = Math.min(this.least, flops);
    this.most = Math.max(this.most, flops);
    return flops;
  }

  private fixedDistance(): number {
    const { depth, wm, w0, groupWidth } = this.parameters;
    const rule = ((depth - PAPER.depth) / PAPER.depthDeviation) ** 2 + ((wm - PAPER.wm) / PAPER.wmDeviation) ** 2;
    return rule + this.distance("w0", w0) + this.distance("groupWidth", groupWidth);
  }

  private drawnDistance(): number {
    const { params, acts, stages } = this.counter;
    const { scale, input } = this.plan;
    const imagenet = params + (1000 - input.classes) * (stages.widths[stages.count - 1] + 1);
    const { wa } = this.parameters;
    return this.distance("wa", wa) + this.distance("params", imagenet) + this.distance("acts", acts * scale);
  }

  /** Squared, in deviations of the published networks. */
  private distance(quantity: TrendQuantity, value: number): number {
    const { budget, scale, trends } = this.plan;
    const expected = trendAt(trends[quantity], budget * scale);
    return (Math.log(value / expected) / trends[quantity].deviation) ** 2;
  }
}

/** The candidates within a factor of two of the trend, the nearest first, or else the nearest alone. */
function near({ budget, scale, trends }: Plan, quantity: TrendQuantity, candidates: readonly number[]): number[] {
  const expected = trendAt(trends[quantity], budget * scale);
  const off = (value: number) => Math.abs(Math.log(value / expected));
  const sorted = [...candidates].sort((a, b) => off(a) - off(b));
  return sorted.filter((value, i) => i === 0 || off(value) <= Math.LN2);
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}
