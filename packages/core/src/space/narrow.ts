import { invalid } from "../errors.js";
import type { LimitRange } from "./limits.js";
import { distributionOf, type ParameterName } from "./parameter.js";
import { parseSpace } from "./parse.js";
import type { ParameterSampler, SpaceDocument } from "./schema.js";

/**
 * A part of a space: its parameters cut to ranges, such as those in which the best networks of a population lay.
 * Each parameter keeps its sampler; its new ends are those of its values that lie inside the range.
 *
 * @param ranges by the parameter's name
 * @throws RegnetError for a parameter that the space does not draw, or a range that leaves no value of it
 */
export function narrowSpace(
  space: SpaceDocument,
  ranges: Readonly<Partial<Record<ParameterName, LimitRange>>>,
  name = `${space.name}, narrowed`,
): SpaceDocument {
  const parameters: Record<string, unknown> = { ...space.parameters };
  for (const [parameter, range] of Object.entries(ranges)) {
    const sampler = parameters[parameter];
    if (sampler === undefined) {
      throw invalid("parameter", parameter, `one that ${space.name} draws: ${Object.keys(parameters).join(", ")}`);
    }
    parameters[parameter] = narrowEach(sampler as ParameterSampler | Each, parameter as ParameterName, range);
  }
  return parseSpace({ ...space, name, parameters });
}

interface Each {
  readonly each: readonly ParameterSampler[];
}

function narrowEach(sampler: ParameterSampler | Each, name: ParameterName, range: LimitRange) {
  if (typeof sampler !== "object" || !("each" in sampler)) return narrow(sampler, name, range);
  return { each: sampler.each.map((one) => narrow(one, name, range)) };
}

function narrow(sampler: ParameterSampler, name: ParameterName, range: LimitRange): ParameterSampler {
  const { min = 0, max = Number.POSITIVE_INFINITY } = range;
  const values = distributionOf(name, sampler, name).values.filter((value) => value >= min && value <= max);
  if (values.length === 0) throw invalid(`range of ${name}`, `${min} to ${max}`, "one that holds a value of the space");
  if (typeof sampler === "number") return sampler;
  if (Array.isArray(sampler)) return values;
  const ends = { min: values[0], max: values[values.length - 1] };
  const powers = sampler.sampler === "powerOfTwo" || sampler.sampler === "powerOfTwoOrLog";
  return powers && !ends2(ends) ? values : { ...sampler, ...ends };
}

/** Whether a sampler of powers of two can take these ends. */
function ends2({ min, max }: { min: number; max: number }): boolean {
  return Number.isInteger(Math.log2(min)) && Number.isInteger(Math.log2(max));
}
