import { describe, expect, it } from "vitest";
import { RegnetError } from "../../errors.js";
import { modelSpec } from "../../families/build.js";
import { loaderScript } from "./loaderScript.js";

const options = { channels: 3, classes: 10 };
const script = (model: string, naming: "torchvision" | "timm", changes = {}) =>
  loaderScript({ spec: { ...modelSpec(model), ...changes }, options }, { naming, weightsFile: "net.safetensors" });

describe("loaderScript", () => {
  it("builds torchvision's RegNet from its stages", () => {
    const text = script("RegNetY-400MF", "torchvision");
    expect(text).toContain("widths=[48, 104, 208, 440]");
    expect(text).toContain("group_widths=[8, 8, 8, 8]");
    expect(text).toContain("se_ratio=0.25");
    expect(text).toContain('with_name("net.safetensors")');
    expect(text).not.toContain("net.stem[0]");
  });

  it("replaces the first convolution where the network has another", () => {
    expect(script("RegNetX-200MF", "torchvision", { stem: "cifar" })).toContain("Conv2d(3, 32, 3, 1, 1, bias=False)");
    const grey = { spec: modelSpec("convnext_tiny"), options: { channels: 1, classes: 2 } };
    expect(loaderScript(grey, { naming: "torchvision", weightsFile: "w" })).toContain("Conv2d(1, 96, 4, 4)");
  });

  it("builds timm's from the parameters of the rule, in the convention they are in", () => {
    expect(script("regnet_x_400mf", "timm")).toContain("w0=24, wa=24.48, wm=2.54, depth=22, group_size=16");
    expect(script("regnet_x_400mf", "timm")).toContain("group_min_ratio=0.9");
    expect(script("RegNetX-400MF", "timm")).not.toContain("group_min_ratio");
    expect(script("regnetz_005", "timm")).toContain("num_features=1024, downsample=None, linear_out=True");
  });

  it("keeps names with quotes and backslashes inside the text", () => {
    const network = { spec: modelSpec("RegNetX-200MF"), options };
    const facts = { classes: ["'''", "a\\b", "\n"] };
    const text = loaderScript(network, { naming: "torchvision", weightsFile: "w.safetensors", facts });
    const [, json] = /json\.loads\(r'''(.*)'''\)/.exec(text) ?? [];
    expect(JSON.parse(json)).toEqual(facts);
  });

  it.each([
    ["RegNetZ in torchvision", () => script("regnetz_040", "torchvision"), /RegNetZ blocks; use --names timm/],
    ["stages in timm", () => script("RegNetX-200MF", "timm", { depth: 2, wa: 8 }), /RegNet of \d stages?; use/],
    ["another stem in timm", () => script("RegNetX-200MF", "timm", { stem: "patchify" }), /patchify stem/],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(RegnetError);
    expect(act).toThrow(message);
  });
});
