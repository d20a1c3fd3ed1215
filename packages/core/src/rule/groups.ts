import { RegnetError } from "../errors.js";
import type { Convention } from "./parameters.js";
import { leastCommonMultiple, roundHalfEven } from "./rounding.js";

/** Channels inside the bottleneck of a block of `width`, before groups are fitted. */
export function bottleneckWidth(width: number, bottleneck: number): number {
  return Math.max(1, Math.floor(bottleneck >= 1 ? width / bottleneck : width * multiplierOf(bottleneck)));
}

/** 1 ÷ bottleneck, an integer for an inverted bottleneck (a ratio below 1). */
export function multiplierOf(bottleneck: number): number {
  const multiplier = 1 / bottleneck;
  const nearest = Math.round(multiplier);
  return Math.abs(multiplier - nearest) < 1e-9 * multiplier ? nearest : multiplier;
}

/**
 * The width nearest to `width` whose bottleneck width is a multiple of `group`, which is at most the bottleneck
 * width (paper, appendix D; pycls `adjust_block_compatibility`; torchvision `_adjust_widths_groups_compatibilty`).
 *
 * @throws RegnetError when the bottleneck ratio leaves no such width nearby
 */
export function fitWidth(width: number, group: number, bottleneck: number, convention: Convention): number {
  const wanted = bottleneckWidth(width, bottleneck);
  const multiplier = multiplierOf(bottleneck);
  const inner = convention === "pycls" ? nearestMultiple(wanted, group, multiplier) : makeDivisible(wanted, group);
  const fitted = bottleneck >= 1 ? Math.floor(inner * bottleneck) : Math.floor(inner / multiplier);
  const made = bottleneck >= 1 ? fitted / bottleneck : fitted * multiplier;
  if (fitted < 1 || made % group !== 0) throw misfit(width, group, bottleneck, wanted);
  return fitted;
}

/** `fitWidth`, after the group width is cut to the bottleneck width. */
export function fitGroups(
  width: number,
  groupWidth: number,
  bottleneck: number,
  convention: Convention,
): [width: number, groupWidth: number] {
  const group = Math.min(groupWidth, bottleneckWidth(width, bottleneck));
  return [fitWidth(width, group, bottleneck, convention), group];
}

function nearestMultiple(wanted: number, group: number, multiplier: number): number {
  const unit = multiplier > 1 ? leastCommonMultiple(group, multiplier) : group;
  return Math.max(unit, roundHalfEven(wanted / unit) * unit);
}

/** torchvision's rounding: half up, and never more than a tenth below. */
function makeDivisible(wanted: number, group: number): number {
  const rounded = Math.max(group, Math.floor(Math.floor(wanted + group / 2) / group) * group);
  return rounded < 0.9 * wanted ? rounded + group : rounded;
}

function misfit(width: number, group: number, bottleneck: number, wanted: number): RegnetError {
  return new RegnetError(
    `invalid groupWidth: no width near ${width} has a bottleneck (ratio ${bottleneck}) that splits into groups of ` +
      `${group}; choose a group width that divides ${wanted}, or another bottleneck ratio`,
    "invalid",
    "groupWidth",
  );
}
