import { RegnetError } from "../errors.js";
import { type LimitedQuantity, limitedQuantities } from "./limits.js";
import type { PopulationSampler } from "./populationSampler.js";
import type { PopulationOptions } from "./sample.js";
import type { SpaceDocument } from "./schema.js";
import { spaceSize } from "./size.js";

const SHOWN = 4;

/** The error for a space that does not yield enough networks: what was found, what rejected the rest, what would help. */
export function explainPopulation({ space, options, networks, acceptance, seen }: PopulationSampler): RegnetError {
  const reasons = Object.entries(acceptance.rejected).sort(([, a], [, b]) => b - a);
  const shares = reasons.slice(0, SHOWN).map(([reason, count]) => `${reason} ${percent(count / acceptance.drawn)}`);
  const found = `found ${networks.length} of ${options.count} networks in ${group(acceptance.drawn)} draws`;
  const ranges = limitedQuantities
    .filter((quantity) => options.limits?.[quantity] && seen[quantity])
    .map((quantity) => `${quantity} from ${amount(seen[quantity]?.[0])} to ${amount(seen[quantity]?.[1])}`);
  const drew = ranges.length > 0 ? `; the networks drawn had ${ranges.join(", ")}` : "";
  const text = `cannot sample ${space.name}: ${found}; rejected: ${shares.join(", ")}${drew}; ${remedy(space, byRemedy(reasons, options))}`;
  return new RegnetError(text, "unsatisfiable", reasons[0]?.[0]);
}

/** What the caller asked for comes first: the rest is how the space is. */
function byRemedy(reasons: readonly [string, number][], { limits }: PopulationOptions): readonly [string, number][] {
  const inherent = (reason: string) => {
    const [quantity] = reason.split(" ");
    const known = (limitedQuantities as readonly string[]).includes(quantity);
    return known ? !limits?.[quantity as LimitedQuantity] : reason === "levels" || reason === "parameters";
  };
  return [...reasons.filter(([reason]) => !inherent(reason)), ...reasons.filter(([reason]) => inherent(reason))];
}

function remedy(space: SpaceDocument, reasons: readonly (readonly [string, number])[]): string {
  const [reason, side] = (reasons[0]?.[0] ?? "").split(" ");
  if (reason === "duplicate") {
    return `it holds ${amount(spaceSize(space))} settings in all: ask for fewer networks, or widen the space or the limits`;
  }
  if (side === "bound") return `the space bounds ${reason} by flops: lower the flops, or give it no bounds`;
  if (reason === "levels" || reason === "parameters") return "widen the ranges of the space's parameters";
  if (!(limitedQuantities as readonly string[]).includes(reason)) return `relax the limit on ${reason}`;
  const cost = (reason as LimitedQuantity) !== "stages" && reason !== "depth";
  const other = cost ? ", or take another space or another size of images" : ", or take another space";
  return `${side === "above" ? "raise the upper" : "lower the lower"} limit of ${reason}${other}`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(3)} %`;
}

function group(count: number): string {
  return count.toLocaleString("en-US");
}

function amount(value: number | undefined): string {
  if (value === undefined) return "none";
  const units = ["", "K", "M", "G", "T"];
  const unit = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return unit === 0 ? String(value) : `${(value / 1000 ** unit).toPrecision(3)}${units[unit]}`;
}
