import { RegnetError } from "../errors.js";
import { type Convention, type RegNetParameters, validateParameters, WIDTH_QUANTUM } from "./parameters.js";
import { leastCommonMultiple, roundHalfEven } from "./rounding.js";

/** One change the rule made to what the line asked for, and why. */
export interface Adjustment {
  /** Stage, counted from 0. */
  readonly stage: number;
  readonly what: "width" | "groupWidth";
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Stage widths, depths and group widths of one network. */
export interface StageTable {
  readonly widths: readonly number[];
  readonly depths: readonly number[];
  readonly groupWidths: readonly number[];
}

/** What the rule makes of its parameters. */
export interface RuleResult extends StageTable {
  /** u_j = w0 + wa·j (eq. 2), one a block. */
  readonly line: readonly number[];
  /** w_j = w0·wm^⌊s_j⌉ (eqs. 3, 4), rounded to multiples of 8, before groups are fitted; one a block. */
  readonly quantised: readonly number[];
  /** Levels of wm that the line spans, max⌊s_j⌉ + 1; the paper's samplers want as many stages as levels. */
  readonly levels: number;
  readonly adjustments: readonly Adjustment[];
}

/**
 * The RegNet rule: parameters to stages (paper §3.3, eqs. 2–4; widths fitted to group widths as in its appendix D).
 *
 * @throws RegnetError for parameters out of range, or a bottleneck and a group width no width can satisfy
 */
export function applyRule(parameters: RegNetParameters, convention: Convention = "pycls"): RuleResult {
  validateParameters(parameters);
  const { w0, wa, depth } = parameters;
  const line = Array.from({ length: depth }, (_, j) => w0 + wa * j);
  const { quantised, levels } = quantise(parameters);
  const stages = splitStages(quantised);
  const multiplier = 1 / (parameters.bottleneck ?? 1);
  const adjustments: Adjustment[] = [];
  const widths: number[] = [];
  const groupWidths: number[] = [];
  stages.widths.forEach((width, stage) => {
    const [fitted, group] = fitGroups(width, parameters.groupWidth, multiplier, convention);
    widths.push(fitted);
    groupWidths.push(group);
    adjustments.push(...explain(stage, width, fitted, parameters, group));
  });
  return { widths, depths: stages.depths, groupWidths, line, quantised, levels, adjustments };
}

/** Eqs. 3 and 4: the nearest power of wm for every block, in multiples of 8. */
function quantise({ w0, wa, wm, depth }: RegNetParameters): { quantised: number[]; levels: number } {
  const quantised = new Array<number>(depth);
  const logWm = Math.log(wm);
  let levels = 1;
  for (let j = 0; j < depth; j++) {
    const level = roundHalfEven(Math.log((w0 + wa * j) / w0) / logWm);
    quantised[j] = roundHalfEven((w0 * wm ** level) / WIDTH_QUANTUM) * WIDTH_QUANTUM;
    levels = Math.max(levels, level + 1);
  }
  return { quantised, levels };
}

/** Runs of equal width become stages. Widths never fall, so runs and distinct widths are the same thing. */
function splitStages(quantised: readonly number[]): { widths: number[]; depths: number[] } {
  const widths: number[] = [];
  const depths: number[] = [];
  for (const width of quantised) {
    if (width === widths.at(-1)) depths[depths.length - 1]++;
    else {
      widths.push(width);
      depths.push(1);
    }
  }
  return { widths, depths };
}

/**
 * The width nearest to `width` whose bottleneck width is a multiple of the group width; and that group width, at
 * most the bottleneck width. `multiplier` is bottleneck width ÷ width.
 */
export function fitGroups(
  width: number,
  groupWidth: number,
  multiplier: number,
  convention: Convention,
): [width: number, groupWidth: number] {
  const wanted = Math.floor(Math.max(1, width * multiplier));
  const group = Math.min(groupWidth, wanted);
  const inner = convention === "pycls" ? nearestMultiple(wanted, group, multiplier) : makeDivisible(wanted, group);
  const fitted = Math.floor(inner / multiplier);
  if (Math.floor(fitted * multiplier) % group !== 0 || fitted < 1) {
    throw new RegnetError(
      `invalid groupWidth: no width near ${width} has a bottleneck (ratio ${1 / multiplier}) that splits into groups of ` +
        `${group}; choose a group width that divides ${Math.max(1, wanted)}, or another bottleneck ratio`,
      "invalid",
      "groupWidth",
    );
  }
  return [fitted, group];
}

function nearestMultiple(wanted: number, group: number, multiplier: number): number {
  const unit = multiplier > 1 ? leastCommonMultiple(group, multiplier) : group;
  return Math.max(unit, roundHalfEven(wanted / unit) * unit);
}

/** torchvision's rounding: half up, and never more than a tenth below. */
function makeDivisible(wanted: number, group: number): number {
  const rounded = Math.max(group, Math.floor((wanted + group / 2) / group) * group);
  return rounded < 0.9 * wanted ? rounded + group : rounded;
}

function explain(
  stage: number,
  width: number,
  fitted: number,
  { groupWidth, bottleneck = 1 }: RegNetParameters,
  group: number,
): Adjustment[] {
  const adjustments: Adjustment[] = [];
  if (group !== groupWidth) {
    const reason = `a group is at most the bottleneck width of ${group}`;
    adjustments.push({ stage, what: "groupWidth", from: groupWidth, to: group, reason });
  }
  if (fitted !== width) {
    const inner = bottleneck === 1 ? "the width" : `the bottleneck width (width ÷ ${bottleneck})`;
    const reason = `${inner} must be a multiple of the group width ${group}`;
    adjustments.push({ stage, what: "width", from: width, to: fitted, reason });
  }
  return adjustments;
}
