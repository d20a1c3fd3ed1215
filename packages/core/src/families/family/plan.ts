import { boundScale } from "../../space/scale.js";
import { STEMS, type Stem } from "../anynet.js";
import type { CountedInput } from "../input.js";
import type { FamilyOptions } from "./family.js";
import { publishedTrends, type Trend, type TrendQuantity } from "./trends.js";

/** What is settled before the search: the images, the stem, and where the trends point. */
export interface Plan {
  readonly budget: number;
  readonly input: CountedInput;
  readonly space: "RegNetX" | "RegNetY";
  readonly se: number;
  readonly body: { readonly stem: Stem; readonly stemWidth: number };
  /** Share of the budget that the stem takes. */
  readonly stemShare: number;
  readonly stages: number;
  /** From flops and acts of these images to those of 224² pixels, at which the trends hold. */
  readonly scale: number;
  /** Whether params and acts keep to the authors' limits. */
  readonly bounded: boolean;
  readonly trends: Readonly<Record<TrendQuantity, Trend>>;
}

/** Pixels a side up to which the stem keeps the resolution. */
const SMALL = 64;
/** Most of the budget that the stem may take before it is made narrower. */
export const STEM_SHARE = 0.15;
const STEM_WIDTHS = [32, 24, 16, 8];
const NARROWEST = 8;

/**
 * Settles the stem, the number of stages, and the trends at this budget. The first plan has as wide a stem as the
 * budget allows, those that follow narrower ones; the last does without the authors' limits, which were published for
 * budgets of 200M and more.
 */
export function plansFor(budget: number, input: CountedInput, { space = "RegNetX", stem }: FamilyOptions): Plan[] {
  const small = Math.max(input.height, input.width) <= SMALL;
  const kind = stem ?? (small ? "cifar" : "simple");
  const share = (width: number) => stemFlops(input, kind, width) / budget;
  const widths = STEM_WIDTHS.filter((width) => share(width) <= STEM_SHARE || width === NARROWEST);
  const plan = (stemWidth: number): Plan => ({
    budget,
    input,
    space,
    se: space === "RegNetY" ? 0.25 : 0,
    body: { stem: kind, stemWidth },
    stemShare: share(stemWidth),
    stages: kind === "cifar" && small ? 3 : 4,
    scale: boundScale(input, kind),
    bounded: true,
    trends: publishedTrends(space),
  });
  return [...widths.map(plan), { ...plan(widths[0]), bounded: false }];
}

function stemFlops({ height, width, channels }: CountedInput, stem: Stem, outputs: number): number {
  const { kernel, stride } = STEMS[stem];
  return kernel * kernel * channels * outputs * Math.ceil(height / stride) * Math.ceil(width / stride);
}
