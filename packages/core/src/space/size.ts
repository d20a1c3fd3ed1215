import { depthSamplers } from "./candidates/convnext.js";
import { stageRange } from "./candidates/stageDraw.js";
import { distributionOf, type ParameterName } from "./parameter.js";
import type { AnyNetSpace, ConvNeXtSpace, ParameterSampler, SpaceDocument } from "./schema.js";

/** The sizes that the paper's Table 1 gives. Of the RegNet's four continuous parameters it counts 64 values each. */
export const publishedSizes: Readonly<Record<string, number>> = {
  AnyNetXA: 1.8e18,
  AnyNetXB: 6.8e16,
  AnyNetXC: 3.2e14,
  AnyNetXD: 1.3e13,
  AnyNetXE: 5.5e11,
  RegNetX: 3.0e8,
};

/**
 * Settings of its parameters that a space holds, before limits: the "combinations" of the paper's Table 1. Sequences
 * that must not fall are counted exactly (the paper divides by 4!, which leaves out those with equal stages).
 */
export function spaceSize(space: SpaceDocument): number {
  switch (space.family) {
    case "regnet":
      return product(Object.entries(space.parameters).map(([name, sampler]) => values(name, sampler)));
    case "anynet":
      return values("se", space.parameters.se ?? 0) * overStages(space.stages, (stages) => anynetSize(space, stages));
    case "convnext":
      return convnextSize(space);
    default:
      throw new TypeError(`unreachable family: ${JSON.stringify(space satisfies never)}`);
  }
}

function anynetSize({ parameters, shared = [], rising = [] }: AnyNetSpace, stages: number): number {
  const { depth, width, groupWidth, bottleneck = 1 } = parameters;
  return product(
    Object.entries({ depth, width, groupWidth, bottleneck }).map(([name, sampler]) => {
      const count = values(name, sampler);
      if ((shared as string[]).includes(name)) return count;
      return (rising as string[]).includes(name) ? multisets(count, stages) : count ** stages;
    }),
  );
}

function convnextSize({ parameters, stages }: ConvNeXtSpace): number {
  const depths = depthSamplers(parameters.depth).map((sampler) => values("depth", sampler));
  const combinations = overStages(stages, (count) =>
    product(Array.from({ length: count }, (_, i) => depths[Math.min(i, depths.length - 1)])),
  );
  return values("width", parameters.width) * values("growth", parameters.growth ?? 2) * combinations;
}

function overStages(stages: AnyNetSpace["stages"], size: (count: number) => number): number {
  const [least, most] = stageRange(stages);
  return Array.from({ length: most - least + 1 }, (_, i) => size(least + i)).reduce((sum, n) => sum + n, 0);
}

function values(name: string, sampler: ParameterSampler | undefined): number {
  return sampler === undefined ? 1 : distributionOf(name as ParameterName, sampler, name).values.length;
}

/** Ways to choose `k` of `n` values, again and again allowed, in no order. */
function multisets(n: number, k: number): number {
  return product(Array.from({ length: k }, (_, i) => (n + i) / (i + 1)));
}

function product(factors: readonly number[]): number {
  return factors.reduce((a, b) => a * b, 1);
}
