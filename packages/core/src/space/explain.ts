import { RegnetError } from "../errors.js";
import { type LimitedQuantity, limitedQuantities } from "./limits.js";
import type { PopulationSampler } from "./populationSampler.js";
import type { SpaceDocument } from "./schema.js";
import { spaceSize } from "./size.js";

const SHOWN = 4;

/** The error for a space that does not yield enough networks: what was found, what rejected the rest, what would help. */
export function explainPopulation({ space, options, networks, acceptance, seen }: PopulationSampler): RegnetError {
  const { drawn, rejected } = acceptance;
  const decisive = decisiveReason(rejected, options.limits ?? {});
  const most = Object.keys(rejected).sort((a, b) => rejected[b] - rejected[a]);
  const shown = [...new Set([...most.slice(0, SHOWN), ...(decisive ? [decisive] : [])])];
  const shares = shown.map((reason) => `${reason} ${percent(rejected[reason] / drawn)}`);
  const found = `found ${networks.length} of ${options.count} networks in ${drawn.toLocaleString("en-US")} draws`;
  const ranges = limitedQuantities
    .filter((quantity) => options.limits?.[quantity] && seen[quantity])
    .map((quantity) => `${quantity} from ${amount(seen[quantity]?.[0])} to ${amount(seen[quantity]?.[1])}`);
  const drew = ranges.length > 0 ? `; the networks drawn had ${ranges.join(", ")}` : "";
  const help = remedy(space, decisive ?? most[0]);
  const text = `cannot sample ${space.name}: ${found}; rejected: ${shares.join(", ")}${drew}; ${help}`;
  return new RegnetError(text, "unsatisfiable", decisive ?? most[0]);
}

/**
 * Of the reasons that the caller can do something about, the one that the networks came to last: those before it let
 * some through. On the two sides of one range, the more frequent.
 */
function decisiveReason(
  rejected: Readonly<Record<string, number>>,
  limits: Readonly<Partial<Record<LimitedQuantity, unknown>>>,
): string | undefined {
  const candidates = Object.keys(rejected).filter((reason) => {
    const quantity = reason.split(" ")[0] as LimitedQuantity;
    if (reason === "levels" || reason === "parameters") return false;
    return isCounted(reason) ? limits[quantity] !== undefined : true;
  });
  return candidates.sort((a, b) => place(b) - place(a) || rejected[b] - rejected[a])[0];
}

/** Where in the order of the tests a reason stands. */
function place(reason: string): number {
  const index = isCounted(reason) ? limitedQuantities.indexOf(reason.split(" ")[0] as LimitedQuantity) : -1;
  if (index >= 0) return index;
  const afterwards = limitedQuantities.length;
  if (reason.endsWith(" bound")) return afterwards;
  return reason === "duplicate" ? afterwards + 1 : afterwards + 2;
}

/** `flops above` and the like. */
function isCounted(reason: string): boolean {
  const [quantity, side] = reason.split(" ");
  return (limitedQuantities as readonly string[]).includes(quantity) && (side === "above" || side === "below");
}

function remedy(space: SpaceDocument, reason: string): string {
  const [quantity, side] = reason.split(" ");
  if (reason === "duplicate") {
    return `it holds ${amount(spaceSize(space))} settings in all: ask for fewer networks, or widen the space or the limits`;
  }
  if (reason === "levels" || reason === "parameters") return "widen the ranges of the space's parameters";
  if (side === "bound") return `the space bounds ${quantity} by flops: lower the flops, or give it no bounds`;
  if (!isCounted(reason)) return `relax the limit on ${quantity}`;
  const other = quantity === "stages" || quantity === "depth" ? "" : " or another size of images";
  return `${side === "above" ? "raise the upper" : "lower the lower"} limit of ${quantity}, or take another space${other}`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(3)} %`;
}

function amount(value: number | undefined): string {
  if (value === undefined) return "none";
  const units = ["", "K", "M", "G", "T"];
  const unit = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return unit === 0 ? String(value) : `${(value / 1000 ** unit).toPrecision(3)}${units[unit]}`;
}
