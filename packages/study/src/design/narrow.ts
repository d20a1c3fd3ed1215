import { distributionOf, type ParameterName, type ParameterSampler, type SpaceDocument } from "@regnet/core";
import type { ParameterRange } from "../analysis/data.js";
import type { NarrowedRange } from "../analysis/decision.js";
import { informative } from "../analysis/ranges.js";

/** The parameters of trials under the names that spaces have for them; per-stage ones are not narrowed. */
const NAMES: Readonly<Record<string, ParameterName>> = {
  d: "depth",
  w0: "w0",
  wa: "wa",
  wm: "wm",
  b: "bottleneck",
  g: "groupWidth",
  w: "width",
  growth: "growth",
};

/** Fewest values that a narrowed parameter keeps, where it had as many. */
const LEAST_VALUES = 2;

/**
 * The space with every parameter whose 95 % interval of the best value leaves out at least a seventh of what was sampled
 * cut to that interval; the distribution within stays in proportion. The other parameters keep their ranges.
 */
export function narrowSpace(
  space: SpaceDocument,
  ranges: readonly ParameterRange[],
): { space: SpaceDocument; narrowed: NarrowedRange[] } {
  const parameters: Record<string, unknown> = { ...space.parameters };
  const narrowed: NarrowedRange[] = [];
  for (const range of informative(ranges)) {
    const name = NAMES[range.parameter];
    const sampler = parameters[name] as ParameterSampler | undefined;
    if (sampler === undefined || typeof sampler === "number" || isPerStage(sampler)) continue;
    const cut = cutSampler(name, sampler, range.low, range.high);
    if (!cut) continue;
    parameters[name] = cut.sampler;
    narrowed.push({ parameter: range.parameter, from: cut.from, to: cut.to });
  }
  return { space: { ...space, parameters } as SpaceDocument, narrowed };
}

interface Cut {
  readonly sampler: ParameterSampler;
  readonly from: [number, number];
  readonly to: [number, number];
}

function cutSampler(name: ParameterName, sampler: ParameterSampler, low: number, high: number): Cut | undefined {
  const all = distributionOf(name, sampler, name).values;
  const within = all.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  if (within.length < Math.min(LEAST_VALUES, all.length)) return undefined;
  const narrower = between(sampler, within);
  const kept = distributionOf(name, narrower, name).values;
  return kept.length === all.length ? undefined : { sampler: narrower, from: ends(all), to: ends(kept) };
}

/** Samplers of powers of two keep powers of two as ends. */
function between(sampler: ParameterSampler, within: readonly number[]): ParameterSampler {
  if (typeof sampler === "number" || Array.isArray(sampler)) return [...within];
  const [min, max] = ends(within);
  return sampler.sampler.startsWith("powerOfTwo")
    ? { ...sampler, min: 2 ** Math.floor(Math.log2(min)), max: 2 ** Math.ceil(Math.log2(max)) }
    : { ...sampler, min, max };
}

function ends(values: readonly number[]): [number, number] {
  return [values[0], values[values.length - 1]];
}

/** ConvNeXt's depths are given stage by stage. */
function isPerStage(sampler: ParameterSampler): boolean {
  return typeof sampler === "object" && "each" in sampler;
}
