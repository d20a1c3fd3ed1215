import { describe, expect, it } from "vitest";
import { buildModel } from "./build.js";
import { countModel } from "./countModel.js";
import { describe as describeModel } from "./describe.js";
import { LineDescriber } from "./describeLine.js";
import type { ModelSpec } from "./model.js";
import { findModel } from "./published/index.js";

const x200: ModelSpec = { family: "regnet", w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8 };
const models = [x200, findModel("ConvNeXt-Tiny").spec];

describe("the images that a network is for", () => {
  it.each([
    [{ resolution: 0 }, "invalid resolution: got 0, expected an integer from 1 to 65536"],
    [{ resolution: 65537 }, "invalid resolution: got 65537, expected an integer from 1 to 65536"],
    [{ resolution: [224, 1.5] as const }, "invalid resolution: got 1.5, expected an integer from 1 to 65536"],
    [{ channels: 1e6 }, "invalid channels: got 1000000, expected an integer from 1 to 65536"],
    [{ classes: 2 ** 24 + 1 }, "invalid classes: got 16777217, expected an integer from 1 to 16777216"],
  ])("%j are refused, built or counted", (options, message) => {
    for (const model of models) {
      expect(() => buildModel(model, options)).toThrow(message);
      expect(() => countModel(model, options)).toThrow(message);
    }
  });

  it("are refused where a network of them cannot be counted exactly", () => {
    const wide = { ...x200, wa: 4096, depth: 64 };
    const message = /^unsupported network: .* flops .* are more than can be counted exactly; take smaller images/;
    expect(() => countModel(wide, { resolution: 65536 })).toThrow(message);
    expect(() => describeModel(wide, { resolution: 65536 })).toThrow(message);
    expect(() => countModel({ ...models[1], widths: [8192, 8192] } as ModelSpec, { resolution: 65536 })).toThrow();
    const line = JSON.stringify({ w0: 24, wa: 4096, wm: 2.49, depth: 64, groupWidth: 8, res: 65536 });
    expect(JSON.parse(new LineDescriber().describe(line)).error).toMatch(message);
    expect(countModel(wide, { resolution: 224 }).flops).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});
