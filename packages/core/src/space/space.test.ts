import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildModel } from "../families/build.js";
import { countModel } from "../families/countModel.js";
import { parseModelSpec } from "../families/model.js";
import { publishedModels } from "../families/published/index.js";
import { complexityOf } from "../graph/complexity.js";
import { applyRule } from "../rule/rule.js";
import { depthSamplers } from "./candidates/convnext.js";
import { type LimitRange, limitedQuantities, outside } from "./limits.js";
import { findSpace, spaces } from "./named/index.js";
import { distributionOf, type ParameterName } from "./parameter.js";
import { parseSpace, parseSpaceText } from "./parse.js";
import { PopulationSampler } from "./populationSampler.js";
import { type PopulationOptions, samplePopulation } from "./sample.js";
import type { ConvNeXtSpace, ParameterSampler } from "./schema.js";
import { spaceSize } from "./size.js";

const images = { resolution: 64, classes: 10 };
const anySpace = fc.constantFrom(...spaces);

function stagesOf(spec: ReturnType<typeof parseModelSpec>): { widths: readonly number[]; depths: readonly number[] } {
  if (spec.family === "regnet") return applyRule(spec, spec.convention);
  if (spec.family === "convnext") return spec;
  return { widths: spec.stages.map(({ width }) => width), depths: spec.stages.map(({ depth }) => depth) };
}

/** What the network is, whatever parameters made it. */
function identity(spec: ReturnType<typeof parseModelSpec>): string {
  if (spec.family !== "regnet") return JSON.stringify(spec);
  const { widths, depths, groupWidths } = applyRule(spec, spec.convention);
  return JSON.stringify([widths, depths, groupWidths, spec.bottleneck, spec.se]);
}

describe("samplePopulation", () => {
  it("gives the same networks for the same seed, and a larger population begins with them", () => {
    fc.assert(
      fc.property(anySpace, fc.nat(), (space, seed) => {
        const few = samplePopulation(space, { count: 5, seed, ...images });
        expect(samplePopulation(space, { count: 5, seed, ...images })).toEqual(few);
        expect(samplePopulation(space, { count: 9, seed, ...images }).networks.slice(0, 5)).toEqual(few.networks);
        expect(samplePopulation(space, { count: 5, seed: seed + 1, ...images }).networks).not.toEqual(few.networks);
      }),
      { numRuns: 50 },
    );
  });

  it("gives the same networks for ever, for studies are to be drawn again", () => {
    const first = (name: string) => samplePopulation(findSpace(name), { count: 1 }).networks[0].spec;
    const rule = { w0: 16, wa: 11.5, wm: 2.857, depth: 21, groupWidth: 72, bottleneck: 1 };
    expect(first("RegNetX-constrained")).toEqual({ family: "regnet", ...rule });
    expect(first("ConvNeXt")).toEqual({ family: "convnext", widths: [16, 24, 40, 72], depths: [4, 1, 2, 2] });
    const stage = (depth: number, width: number) => ({ depth, width, groupWidth: 4, bottleneck: 1 });
    const stages = [stage(1, 24), stage(6, 56), stage(13, 192), stage(14, 360)];
    expect(first("AnyNetXE")).toEqual({ family: "anynet", stages });
  });

  it("keeps to every limit, counts every draw, and repeats no network", () => {
    const range = (least: number, most: number): fc.Arbitrary<LimitRange | undefined> =>
      fc.option(
        fc
          .tuple(fc.double({ min: least, max: most, noNaN: true }), fc.double({ min: 1.5, max: 8, noNaN: true }))
          .map(([min, factor]) => ({ min, max: min * factor })),
        { nil: undefined },
      );
    const limits = fc.record({
      flops: range(2e7, 1e8),
      params: range(2e6, 6e6),
      acts: range(1e5, 1e6),
      depth: range(6, 16),
    });
    fc.assert(
      fc.property(anySpace, limits, fc.nat(), (space, asked, seed) => {
        const sampler = new PopulationSampler(space, { count: 20, seed, limits: asked, ...images });
        sampler.advance(5000);
        const { networks, acceptance } = sampler;
        for (const { spec, complexity } of networks) {
          const { widths, depths } = stagesOf(parseModelSpec(spec));
          const depth = depths.reduce((a, b) => a + b, 0);
          const known = { ...countModel(spec, images), depth, stages: widths.length };
          expect(known).toMatchObject(complexity);
          for (const quantity of limitedQuantities) {
            expect(outside(known[quantity], asked[quantity as keyof typeof asked])).toBeUndefined();
          }
        }
        const rejected = Object.values(acceptance.rejected).reduce((a, b) => a + b, 0);
        expect(rejected + acceptance.accepted).toBe(acceptance.drawn);
        expect(new Set(networks.map(({ spec }) => identity(spec))).size).toBe(networks.length);
      }),
      { numRuns: 100 },
    );
  });

  it("draws networks that build, with the complexity it says", () => {
    for (const space of spaces) {
      const population = samplePopulation(space, { count: 3, seed: 7, limits: { flops: { max: 3e8 } }, ...images });
      for (const { spec, complexity } of population.networks) {
        const { params, flops, acts } = complexityOf(buildModel(spec, images));
        expect({ params, flops, acts }).toEqual(complexity);
      }
    }
  });

  it("keeps to the number of stages that a space asks for, and to its bounds", () => {
    const constrained = samplePopulation(findSpace("regnetx-constrained"), { count: 200, seed: 3 });
    for (const { spec, complexity } of constrained.networks) {
      expect(stagesOf(spec).widths).toHaveLength(4);
      const giga = complexity.flops / 1e9;
      expect(complexity.params / 1e6).toBeLessThanOrEqual(3 + 5.5 * giga);
      expect(complexity.acts / 1e6).toBeLessThanOrEqual(6.5 * Math.sqrt(giga) + 1e-9);
    }
    expect(constrained.acceptance.rejected["params bound"]).toBeGreaterThan(0);
    expect(constrained.acceptance.rejected["acts bound"]).toBeGreaterThan(0);
  });

  it("asks a further limit, and counts its answer", () => {
    const accept: PopulationOptions["accept"] = ({ complexity }) => (complexity.params % 2 ? "odd params" : undefined);
    const { networks, acceptance } = samplePopulation(findSpace("RegNetX-small"), { count: 50, accept });
    expect(networks.every(({ complexity }) => complexity.params % 2 === 0)).toBe(true);
    expect(acceptance.accepted).toBe(50);
  });

  it("gives up with the limit that stands in the way", () => {
    const options = { count: 10, patience: 20_000 };
    const sample = (space: string, more: object) => () => samplePopulation(findSpace(space), { ...options, ...more });
    expect(sample("RegNetX", { limits: { flops: { max: 1000 } } })).toThrow(
      /^cannot sample RegNetX: found 0 of 10 networks in 20,000 draws; rejected: .*; the networks drawn had flops from .*; raise the upper limit of flops, or take another space/,
    );
    expect(sample("AnyNetXA", { limits: { stages: { min: 5 } } })).toThrow(/lower the lower limit of stages/);
    expect(sample("AnyNetXA", { accept: () => "latency" })).toThrow(/relax the limit on latency/);
    const within = { flops: { min: 3e8, max: 5e8 } };
    expect(sample("RegNetX", { limits: within, accept: () => "latency above" })).toThrow(
      /rejected: .*, latency above [\d.]+ %; .*; relax the limit on latency$/,
    );
    const two = parseSpace({ ...findSpace("RegNetX-small"), name: "two", parameters: twoSettings });
    expect(() => samplePopulation(two, options)).toThrow(/found 2 of 10 .* duplicate .* it holds 2 settings in all/);
  });

  it.each([
    [{ count: 0 }, "invalid count: got 0, expected an integer of at least 1"],
    [{ count: 2.5 }, "invalid count"],
    [{ count: 1, seed: 0.5 }, "invalid seed: got 0.5"],
    [{ count: 1, resolution: 0 }, "invalid resolution"],
  ])("refuses %j", (options, message) => {
    expect(() => samplePopulation(findSpace("RegNetX"), options)).toThrow(message);
  });
});

const twoSettings = { w0: 8, wa: 8, wm: 2, depth: [3, 4], groupWidth: 8 };

describe("AnyNet spaces", () => {
  const sample = (name: string) => samplePopulation(findSpace(name), { count: 300, seed: 5, ...images }).networks;
  const rising = (values: readonly number[]) => values.every((value, i) => i === 0 || value >= values[i - 1]);
  const alike = (values: readonly (number | undefined)[]) => new Set(values).size === 1;

  it.each([
    ["AnyNetXA", { b: false, w: false, d: false }],
    ["AnyNetXB", { b: true, w: false, d: false }],
    ["AnyNetXC", { b: true, w: false, d: false }],
    ["AnyNetXD", { b: true, w: true, d: false }],
    ["AnyNetXE", { b: true, w: true, d: true }],
  ] as const)("%s is constrained as the paper says", (name, expected) => {
    const stages = sample(name).map(({ spec }) => (spec.family === "anynet" ? spec.stages : []));
    expect(stages.every((s) => alike(s.map(({ bottleneck }) => bottleneck)))).toBe(expected.b);
    expect(stages.every((s) => rising(s.map(({ width }) => width)))).toBe(expected.w);
    expect(stages.every((s) => rising(s.map(({ depth }) => depth)))).toBe(expected.d);
  });
});

describe("spaceSize", () => {
  it.each([
    ["AnyNetXA", (16 * 128 * 3 * 6) ** 4],
    ["AnyNetXB", (16 * 128 * 6) ** 4 * 3],
    ["AnyNetXC", (16 * 128) ** 4 * 3 * 6],
    ["AnyNetXD", 16 ** 4 * ((128 * 129 * 130 * 131) / 24) * 3 * 6],
    ["AnyNetXE", ((16 * 17 * 18 * 19) / 24) * ((128 * 129 * 130 * 131) / 24) * 3 * 6],
  ])("of %s is the paper's count", (name, size) => {
    expect(spaceSize(findSpace(name)) / size).toBeCloseTo(1, 12);
  });
});

describe("the ConvNeXt space", () => {
  it("holds the published ConvNeXts", () => {
    const { parameters } = findSpace("ConvNeXt") as ConvNeXtSpace;
    const holds = (name: ParameterName, sampler: ParameterSampler, value: number) =>
      distributionOf(name, sampler, name).values.includes(value);
    const published = publishedModels.flatMap(({ spec }) => (spec.family === "convnext" ? [spec] : []));
    expect(published).toHaveLength(9);
    for (const { widths, depths } of published) {
      expect(holds("width", parameters.width, widths[0])).toBe(true);
      expect(widths.every((width, i) => width === widths[0] * 2 ** i)).toBe(true);
      expect(depthSamplers(parameters.depth).every((sampler, i) => holds("depth", sampler, depths[i]))).toBe(true);
    }
  });
});

describe("documents", () => {
  it("parses every named space from its own JSON", () => {
    for (const space of spaces) expect(parseSpaceText(JSON.stringify(space))).toEqual(space);
  });

  it("reads YAML", () => {
    const space = parseSpaceText(`
name: mine
family: regnet
stages: { min: 2, max: 4 }
parameters:
  w0: { sampler: uniform, min: 16, max: 48, quantum: 8 }
  wa: { sampler: logUniform, min: 8, max: 64 }
  wm: [2, 2.5]
  depth: { sampler: uniform, min: 6, max: 12 }
  groupWidth: 8
network: { stem: cifar, convention: torchvision }
`);
    const { networks } = samplePopulation(space, { count: 20, ...images });
    expect(networks.every(({ spec }) => spec.family === "regnet" && spec.convention === "torchvision")).toBe(true);
  });

  const regnet = { name: "x", family: "regnet", parameters: { ...twoSettings } };
  const change = (parameters: object) => ({ ...regnet, parameters: { ...twoSettings, ...parameters } });
  it.each([
    [{}, /family/],
    [{ ...regnet, extra: 1 }, 'invalid space: unknown field "extra"'],
    [change({ w0: 20 }), "invalid space: invalid parameters.w0: got 20, expected multiples of 8"],
    [change({ wm: [1, 2] }), "invalid space: invalid parameters.wm: got 1, expected numbers above 1"],
    [change({ depth: { sampler: "uniform", min: 9, max: 3 } }), "expected min not above max"],
    [change({ depth: { sampler: "uniform", min: 1, max: 2.5 } }), "min and max to be multiples of the quantum 1"],
    [change({ groupWidth: { sampler: "powerOfTwo", min: 3, max: 8 } }), "min and max to be powers of two"],
    [change({ wa: { sampler: "logUniform", min: 0, max: 8 } }), "min above 0"],
    [change({ wa: { sampler: "uniform", min: 0, max: 1e6, quantum: 0.001 } }), "take a larger quantum"],
    [change({ wa: { sampler: "unifrom", min: 0, max: 1 } }), /invalid space: parameters.wa/],
    [{ ...regnet, stages: { min: 4, max: 2 } }, "min must not exceed max"],
  ])("refuses %j", (document, message) => {
    expect(() => parseSpace(document)).toThrow(message);
  });

  it("refuses text that is no YAML, is too long, or is a bomb of aliases", () => {
    expect(() => parseSpaceText("name: [")).toThrow(/^invalid space: .*line 1/);
    expect(() => parseSpaceText("x".repeat(2 ** 21))).toThrow("expected at most 1 MiB");
    const bomb = ["a0: &a0 [1, 1]", ...range(1, 30).map((i) => `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`)].join("\n");
    expect(() => parseSpaceText(bomb)).toThrow(/invalid space: .*alias/);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
