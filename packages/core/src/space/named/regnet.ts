import type { ComplexityBound, RegNetSpace } from "../schema.js";

/** The ranges of the paper's §3.3. */
const paper: RegNetSpace["parameters"] = {
  w0: { sampler: "logUniform", min: 8, max: 256, quantum: 8 },
  wa: { sampler: "logUniform", min: 8, max: 256, quantum: 0.1 },
  wm: { sampler: "logUniform", min: 1.5, max: 3, quantum: 0.001 },
  depth: { sampler: "uniform", min: 4, max: 63 },
  bottleneck: [1, 2, 4],
  groupWidth: { sampler: "powerOfTwo", min: 1, max: 32 },
};

/** The ranges of §4, with the group widths of the authors' sweeps. */
const constrained: RegNetSpace["parameters"] = {
  w0: { sampler: "logUniform", min: 8, max: 256, quantum: 8 },
  wa: { sampler: "logUniform", min: 8, max: 256, quantum: 0.1 },
  wm: { sampler: "logUniform", min: 2, max: 3, quantum: 0.001 },
  depth: { sampler: "uniform", min: 12, max: 40 },
  bottleneck: 1,
  groupWidth: { sampler: "powerOfTwoOrLog", min: 8, max: 128, quantum: 8 },
};

/** For images of a few dozen pixels: two or three stages after a stem that keeps the resolution. */
const small: RegNetSpace["parameters"] = {
  w0: { sampler: "logUniform", min: 8, max: 128, quantum: 8 },
  wa: { sampler: "logUniform", min: 1, max: 128, quantum: 0.1 },
  wm: { sampler: "logUniform", min: 1.5, max: 4, quantum: 0.001 },
  depth: { sampler: "uniform", min: 4, max: 20 },
  bottleneck: 1,
  groupWidth: { sampler: "powerOfTwoOrLog", min: 1, max: 32, quantum: 8 },
};

/**
 * Around the small rule: the networks that learn most in minutes on a processor have few blocks, three stages and groups
 * of 16 channels or more (studies/small-rule).
 */
const shallow: RegNetSpace["parameters"] = {
  w0: { sampler: "logUniform", min: 8, max: 64, quantum: 8 },
  wa: { sampler: "logUniform", min: 4, max: 128, quantum: 0.1 },
  wm: { sampler: "logUniform", min: 1.8, max: 3.2, quantum: 0.001 },
  depth: { sampler: "uniform", min: 4, max: 8 },
  bottleneck: [0.5, 1],
  groupWidth: { sampler: "powerOfTwoOrLog", min: 16, max: 128, quantum: 8 },
  se: [0, 0.25],
};

/** Params and acts by flops, as the authors' sweep code recommends. */
export const regnetBounds: ComplexityBound[] = [
  { of: "params", constant: 3e6, perFlop: 5.5e-3 },
  { of: "acts", perRootFlop: 6.5e6 / Math.sqrt(1e9) },
];

/** The RegNet design spaces, without and with squeeze-excitation. */
export const regnetSpaces: readonly RegNetSpace[] = [
  ...pair("RegNet{}", "widths on a quantised line (§3.3)", { stages: 4, parameters: paper }),
  ...pair("RegNet{}-constrained", "b = 1, wm ≥ 2, at most 40 blocks, params and acts bounded by flops (§4)", {
    stages: 4,
    parameters: constrained,
    bounds: regnetBounds,
  }),
  ...pair("RegNet{}-small", "two or three stages after a stem of stride 1, for small images", {
    stages: { min: 2, max: 3 },
    parameters: small,
    network: { stem: "cifar", stemWidth: 16 },
  }),
  {
    name: "RegNet-shallow",
    summary: "three stages of few blocks, for small networks that are trained for minutes on a processor",
    family: "regnet",
    stages: 3,
    parameters: shallow,
    network: { stemWidth: 16 },
  },
];

function pair(name: string, summary: string, space: Omit<RegNetSpace, "name" | "family">): RegNetSpace[] {
  const x: RegNetSpace = { ...space, name: name.replace("{}", "X"), summary, family: "regnet" };
  const parameters = { ...space.parameters, se: 0.25 };
  return [x, { ...x, name: name.replace("{}", "Y"), summary: `${summary}, squeeze-excitation`, parameters }];
}
