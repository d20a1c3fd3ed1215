import { invalid } from "../errors.js";
import { multiplierOf } from "../rule/groups.js";
import { DEPTH_LIMIT, WIDTH_QUANTUM } from "../rule/parameters.js";
import type { Distribution } from "./distribution.js";
import { findSampler, normalise } from "./samplers.js";
import type { ParameterSampler } from "./schema.js";

/** The parameters that a space may draw. */
export type ParameterName = "w0" | "wa" | "wm" | "depth" | "width" | "growth" | "groupWidth" | "bottleneck" | "se";

interface ParameterRule {
  readonly quantum: number;
  readonly accepts: (value: number) => boolean;
  readonly expected: string;
}

const count = (quantum: number, expected: string, most = Number.POSITIVE_INFINITY): ParameterRule => ({
  quantum,
  accepts: (value) => Number.isInteger(value) && value >= 1 && value <= most,
  expected,
});

const rules: Readonly<Record<ParameterName, ParameterRule>> = {
  w0: { ...count(WIDTH_QUANTUM, "multiples of 8"), accepts: (value) => value > 0 && value % WIDTH_QUANTUM === 0 },
  wa: { quantum: 0.1, accepts: (value) => value >= 0, expected: "numbers of at least 0" },
  wm: { quantum: 0.001, accepts: (value) => value > 1 && value <= 64, expected: "numbers above 1 and at most 64" },
  depth: count(1, `integers from 1 to ${DEPTH_LIMIT}`, DEPTH_LIMIT),
  width: count(WIDTH_QUANTUM, "positive integers"),
  growth: { quantum: 0.001, accepts: (value) => value >= 1 && value <= 16, expected: "numbers from 1 to 16" },
  groupWidth: count(1, "positive integers"),
  bottleneck: {
    quantum: 1,
    accepts: (value) => value >= 1 || (value > 0 && Number.isInteger(multiplierOf(value))),
    expected: "ratios of at least 1, or 1/k for an integer k",
  },
  se: { quantum: 0.01, accepts: (value) => value >= 0 && value <= 1, expected: "ratios from 0 to 1" },
};

/**
 * The distribution of one parameter.
 *
 * @param path where the parameter stands in the document, for the message
 * @throws RegnetError when its values can make no network, or the sampler does not take the range
 */
export function distributionOf(name: ParameterName, sampler: ParameterSampler, path: string): Distribution {
  const rule = rules[name];
  const distribution = valuesOf(sampler, rule.quantum, path);
  const wrong = distribution.values.find((value) => !rule.accepts(value));
  if (wrong !== undefined) throw invalid(path, wrong, rule.expected);
  return distribution;
}

function valuesOf(sampler: ParameterSampler, quantum: number, path: string): Distribution {
  if (typeof sampler === "number") return { values: [sampler], probabilities: [1] };
  if (Array.isArray(sampler)) return normalise([...new Set(sampler)].sort((a, b) => a - b).map((value) => [value, 1]));
  const range = { quantum, ...sampler };
  if (range.min > range.max) throw invalid(path, `${range.min} to ${range.max}`, "min not above max");
  const definition = findSampler(range.sampler);
  const refusal = definition.refuse(range);
  if (refusal) throw invalid(path, sampler, refusal);
  return normalise(definition.weigh(range));
}
