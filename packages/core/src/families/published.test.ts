import { describe, expect, it } from "vitest";
import torchvision from "../rule/golden/torchvision.json" with { type: "json" };
import { describe as describeModel } from "./describe.js";
import pycls from "./golden/pycls.json" with { type: "json" };
import { findModel, publishedModels } from "./published/index.js";

describe("published models", () => {
  it.each(pycls)("$name is the authors', to the last digit", (golden) => {
    const { rule, params, flops, acts, published } = describeModel(golden.name);
    expect(rule).toMatchObject({ widths: golden.widths, depths: golden.depths, groupWidths: golden.group_ws });
    expect({ params, flops, acts }).toEqual({ params: golden.params, flops: golden.flops, acts: golden.acts });
    expect(published).toMatchObject({ params, flops, acts, widths: golden.widths, top1Error: golden.top1_err });
  });

  it.each(Object.entries(torchvision))("%s is torchvision's", (name, golden) => {
    const { rule, params } = describeModel(name);
    expect(rule).toMatchObject({ widths: golden.tv_widths, depths: golden.depths, groupWidths: golden.group_ws });
    expect(params).toBe(golden.tv_params);
  });

  it.each(publishedModels.filter(({ published }) => published.params))("$name has its published params", (model) => {
    expect(describeModel(model.name).params).toBe(model.published.params);
  });

  it.each([
    ["regnetz_005", 7.12],
    ["regnetz_040", 27.12],
    ["regnetz_040_h", 28.94],
    ["regnety_640", 281.38],
    ["regnety_1280", 644.81],
    ["regnety_2560", 1282.6],
  ])("%s has the %d million params that timm reports", (name, millions) => {
    expect(describeModel(name).params / 1e6).toBeCloseTo(millions, 2);
  });

  it("finds models by alias, whatever the case, and suggests the nearest name", () => {
    expect(findModel("regnety_032").name).toBe("RegNetY-3.2GF");
    expect(findModel("REGNETX-400mf").name).toBe("RegNetX-400MF");
    expect(findModel("regnet_x_400mf").name).toBe("regnet_x_400mf");
    expect(findModel("convnext_tiny").name).toBe("ConvNeXt-Tiny");
    expect(() => findModel("RegNetX-400M")).toThrow('unknown model: "RegNetX-400M" (did you mean "RegNetX-400MF"?)');
  });
});
