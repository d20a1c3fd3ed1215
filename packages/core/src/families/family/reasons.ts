import type { Complexity } from "../../graph/complexity.js";
import type { RegNetModel } from "../model.js";
import { type Plan, STEM_SHARE } from "./plan.js";
import { PAPER } from "./search.js";
import { type TrendQuantity, trendAt } from "./trends.js";

/** Why one quantity of a network is as it is. */
export interface Reason {
  readonly quantity: "stem" | "stages" | "bottleneck" | "depth" | "wm" | "flops" | TrendQuantity;
  readonly value: string;
  readonly reason: string;
}

/** A sentence for each quantity of a chosen network. */
export function reasonsFor(plan: Plan, spec: RegNetModel, complexity: Complexity): Reason[] {
  const { budget, scale } = plan;
  const reference = complexity.flops * scale;
  const bound = (value: number, limit: number) => boundReason(plan, value, limit);
  const params = trend(plan, "params", "for 1000 classes");
  const acts = trend(plan, "acts", "√flops, nearly", 1 / scale);
  const offset = complexity.flops / budget - 1;
  return [
    { quantity: "stem", value: `${plan.body.stem}, ${plan.body.stemWidth} channels`, reason: stemReason(plan) },
    { quantity: "stages", value: String(plan.stages), reason: stagesReason(plan) },
    { quantity: "bottleneck", value: "1", reason: "no bottleneck is best at every budget (§4)" },
    { quantity: "depth", value: String(spec.depth), reason: depthReason(spec.depth) },
    { quantity: "wm", value: String(spec.wm), reason: `about ${PAPER.wm} is best at every budget (§4)` },
    { quantity: "w0", value: String(spec.w0), reason: trend(plan, "w0") },
    { quantity: "groupWidth", value: String(spec.groupWidth), reason: trend(plan, "groupWidth") },
    { quantity: "wa", value: String(spec.wa), reason: `what meets the budget; ${trend(plan, "wa")}` },
    {
      quantity: "flops",
      value: short(complexity.flops),
      reason: `${signed(offset)} off the budget of ${short(budget)}`,
    },
    {
      quantity: "params",
      value: short(complexity.params),
      reason: params + bound(complexity.params, 3e6 + 5.5e-3 * reference),
    },
    {
      quantity: "acts",
      value: short(complexity.acts),
      reason: acts + bound(complexity.acts * scale, 6.5e6 * Math.sqrt(reference / 1e9)),
    },
  ];
}

function boundReason({ bounded }: Plan, value: number, limit: number): string {
  const share = `${percent(value / limit)} of the authors' limit`;
  return bounded || value <= limit ? `; ${share}` : `; ${share}, which no network this small keeps to`;
}

function stemReason({ body, stemShare, budget }: Plan): string {
  const share = `takes ${percent(stemShare)} of the flops`;
  if (body.stemWidth === 32) return `the published networks' width; ${share}`;
  const why = stemShare <= STEM_SHARE ? `one of 32 would take too much` : "the narrowest there is";
  return `${share} of ${short(budget)}; ${why}`;
}

function stagesReason({ stages, body }: Plan): string {
  return stages === 4 ? "as published" : `images this small have room for three after a ${body.stem} stem`;
}

function depthReason(depth: number): string {
  const paper = `about ${PAPER.depth} blocks are best at every budget (§4)`;
  return depth < PAPER.depth - PAPER.depthDeviation
    ? `${paper}, but more than ${depth} would leave too little width here`
    : paper;
}

function trend({ space, trends, budget, scale }: Plan, quantity: TrendQuantity, note?: string, factor = 1): string {
  const { exponent, networks } = trends[quantity];
  const expected = short(trendAt(trends[quantity], budget * scale) * factor);
  const law = `flops^${exponent.toFixed(2)}${note ? `, ${note}` : ""}`;
  return `the ${networks} published ${space} point to ${expected} (${law})`;
}

/** `1.23M`: three digits. */
export function short(value: number): string {
  const units = ["", "K", "M", "G", "T"];
  const unit = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3));
  return unit === 0 ? String(Number(value.toPrecision(3))) : `${(value / 1000 ** unit).toPrecision(3)}${units[unit]}`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}

/** `+0.4 %`. */
export function signed(offset: number): string {
  return `${offset < 0 ? "−" : "+"}${(100 * Math.abs(offset)).toFixed(1)} %`;
}
