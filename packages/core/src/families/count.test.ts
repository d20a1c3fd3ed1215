import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { complexityOf } from "../graph/complexity.js";
import { applyRule } from "../rule/rule.js";
import { buildModel } from "./build.js";
import { countModel, RegNetCounter } from "./countModel.js";
import { countedInput } from "./input.js";
import type { AnyNetModel, ConvNeXtModel, ModelSpec, RegNetModel } from "./model.js";
import { publishedModels } from "./published/index.js";

const stem = fc.constantFrom("simple", "cifar", "patchify");
const options = fc.record({
  resolution: fc.oneof(fc.integer({ min: 64, max: 300 }), fc.tuple(fc.integer({ min: 32, max: 99 }), fc.constant(70))),
  channels: fc.constantFrom(1, 3, 13),
  classes: fc.integer({ min: 1, max: 1000 }),
});

const body = {
  stem,
  stemWidth: fc.constantFrom(16, 32),
  headWidth: fc.constantFrom(0, 64),
  activation: fc.constantFrom("relu", "silu"),
  linear: fc.boolean(),
  se: fc.constantFrom(0, 0.25, 0.5),
} as const;

const regnets: fc.Arbitrary<RegNetModel> = fc.record({
  family: fc.constant("regnet"),
  w0: fc.integer({ min: 1, max: 12 }).map((n) => 8 * n),
  wa: fc.double({ min: 0, max: 60, noNaN: true }),
  wm: fc.double({ min: 1.5, max: 3, noNaN: true }),
  depth: fc.integer({ min: 1, max: 16 }),
  groupWidth: fc.constantFrom(1, 4, 8, 16, 24),
  bottleneck: fc.constantFrom(0.25, 0.5, 1, 2, 4),
  convention: fc.constantFrom("pycls", "torchvision"),
  ...body,
});

const anynets: fc.Arbitrary<AnyNetModel> = fc.record({
  family: fc.constant("anynet"),
  stages: fc.array(
    fc.record({
      depth: fc.integer({ min: 1, max: 4 }),
      width: fc.integer({ min: 1, max: 8 }).map((n) => 32 * n),
      groupWidth: fc.constantFrom(1, 4, 8),
      bottleneck: fc.constantFrom(0.5, 1, 2, 4),
      stride: fc.option(fc.constantFrom(1, 2), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  ...body,
});

const convnexts: fc.Arbitrary<ConvNeXtModel> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 8, max: 40 })), { minLength: 1, maxLength: 3 })
  .chain((stages) =>
    fc.record({
      family: fc.constant("convnext" as const),
      depths: fc.constant(stages.map(([depth]) => depth)),
      widths: fc.constant(stages.map(([, width]) => width)),
      stem: fc.constantFrom("patchify" as const, "cifar" as const),
    }),
  );

/** Some parameters make no network (torchvision rounds inverted bottlenecks apart): those are not counted either. */
function graphCost(spec: ModelSpec, network: Parameters<typeof buildModel>[1]) {
  try {
    const { params, flops, acts } = complexityOf(buildModel(spec, network));
    return { params, flops, acts };
  } catch (error) {
    return (error as Error).message;
  }
}

function closedForm(spec: ModelSpec, network: Parameters<typeof buildModel>[1]) {
  try {
    return countModel(spec, network);
  } catch (error) {
    return (error as Error).message;
  }
}

describe("the closed form of complexity", () => {
  it.each([
    ["RegNets", regnets],
    ["AnyNets", anynets],
    ["ConvNeXts", convnexts],
  ] as [string, fc.Arbitrary<ModelSpec>][])("equals the graph's on %s", (_, specs) => {
    fc.assert(
      fc.property(specs, options, (spec, network) => {
        expect(closedForm(spec, network)).toEqual(graphCost(spec, network));
      }),
      { numRuns: 300 },
    );
  });

  it.each(publishedModels)("equals the graph's on $name", ({ spec }) => {
    expect(countModel(spec)).toEqual(graphCost(spec, {}));
  });

  it("counts one network after another with the same counter", () => {
    const counter = new RegNetCounter();
    const input = countedInput({});
    for (const { spec, published } of publishedModels) {
      if (spec.family !== "regnet" || !published.acts) continue;
      counter.regnet(spec, input);
      expect(counter.flops).toBe(published.flops);
      expect(counter.acts).toBe(published.acts);
      expect(Array.from(counter.stages.widths.slice(0, counter.stages.count))).toEqual(applyRule(spec).widths);
    }
  });
});
