import { type Convention, type RegNetParameters, validateParameters } from "./parameters.js";
import { StageBuffer } from "./stages.js";

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

const buffer = new StageBuffer();

/**
 * The RegNet rule: parameters to stages (paper §3.3, eqs. 2–4; widths fitted to group widths as in its appendix D).
 *
 * @throws RegnetError for parameters out of range, or a bottleneck and a group width no width can satisfy
 */
export function applyRule(parameters: RegNetParameters, convention: Convention = "pycls"): RuleResult {
  validateParameters(parameters);
  buffer.fill(parameters, convention);
  const stages = Array.from({ length: buffer.count }, (_, i) => i);
  const { w0, wa, depth } = parameters;
  return {
    ...stageTable(buffer),
    line: Array.from({ length: depth }, (_, j) => w0 + wa * j),
    quantised: stages.flatMap((i) => new Array<number>(buffer.depths[i]).fill(buffer.quantised[i])),
    levels: buffer.levels,
    adjustments: stages.flatMap((i) => explain(i, buffer, parameters)),
  };
}

/** A copy of the buffer's network. */
export function stageTable({ widths, depths, groupWidths, count }: StageBuffer): StageTable {
  return {
    widths: Array.from(widths.subarray(0, count)),
    depths: Array.from(depths.subarray(0, count)),
    groupWidths: Array.from(groupWidths.subarray(0, count)),
  };
}

function explain(stage: number, stages: StageBuffer, { groupWidth, bottleneck = 1 }: RegNetParameters): Adjustment[] {
  const adjustments: Adjustment[] = [];
  const group = stages.groupWidths[stage];
  if (group !== groupWidth) {
    const reason = `a group is at most as wide as the bottleneck, ${group} channels`;
    adjustments.push({ stage, what: "groupWidth", from: groupWidth, to: group, reason });
  }
  const [from, to] = [stages.quantised[stage], stages.widths[stage]];
  if (from !== to) {
    const inner = bottleneck === 1 ? "the width" : `the bottleneck width (width ÷ ${bottleneck})`;
    const reason = `${inner} must be a multiple of the group width ${group}`;
    adjustments.push({ stage, what: "width", from, to, reason });
  }
  return adjustments;
}
