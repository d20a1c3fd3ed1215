import type { BudgetName, DesignRequest, Range } from "./options.js";

/** Ranges that every sampled network keeps to. */
export type DesignLimits = Readonly<Partial<Record<BudgetName, Range>>>;

/**
 * A budget may be used up; networks far below it are not looked at. One that takes fewer flops sees more images in the same
 * time, so a share is left to the race.
 */
const LEAST_SHARE = 0.7;
/** The same for quantities that follow flops loosely. */
const LEAST_LOOSE_SHARE = 0.6;
const LOOSE = ["latency", "acts", "params", "memory"] as const;

/**
 * The ranges that a request's budgets stand for. A plain number of flops is 70 to 100 % of it. Without flops, the first
 * plain number among latency, acts, params and memory gets a lower end (60 %), so that networks are of comparable size;
 * other plain numbers are upper bounds.
 *
 * @param budget the flops of one network of a family
 */
export function limitsOf(request: DesignRequest, budget?: number): DesignLimits {
  const { flops } = request;
  const limits: Partial<Record<BudgetName, Range>> = {};
  const target = budget ?? (Array.isArray(flops) ? undefined : flops);
  if (target !== undefined) limits.flops = upTo(target, LEAST_SHARE);
  let anchored = limits.flops !== undefined;
  for (const name of LOOSE) {
    const asked = request[name];
    if (asked === undefined) continue;
    const anchors = !anchored && typeof asked === "number";
    limits[name] = upTo(asked, anchors ? LEAST_LOOSE_SHARE : 0);
    anchored ||= anchors;
  }
  return limits;
}

/** Limits in words, as options are written: `2.7M..3M`. */
export function limitTexts(limits: DesignLimits): Record<string, string> {
  return Object.fromEntries(
    Object.entries(limits).map(([name, { min, max }]) => [
      name,
      `${min ? quantity(min) : ""}..${max ? quantity(max) : ""}`,
    ]),
  );
}

function upTo(asked: number | Range, share: number): Range {
  if (typeof asked !== "number") return asked;
  return share > 0 ? { min: asked * share, max: asked } : { max: asked };
}

function quantity(value: number): string {
  for (const [unit, letter] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const) {
    if (value >= unit) return `${Number((value / unit).toPrecision(3))}${letter}`;
  }
  return String(Number(value.toPrecision(3)));
}
