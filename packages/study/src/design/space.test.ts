import { describe, expect, it } from "vitest";
import { decisionEn } from "../report/messages/decisionsEn.js";
import { decisionZh } from "../report/messages/decisionsZh.js";
import type { DesignImages } from "./context.js";
import type { DesignRequest } from "./options.js";
import { chooseSpace } from "./space.js";

const images: DesignImages = {
  ...{ source: "shapes", name: "shapes", resolution: 32, channels: 3, classes: 10, train: 100, validation: 100 },
};
function choose(asked: Partial<DesignRequest>) {
  const { value, decisions = [] } = chooseSpace({ request: asked as DesignRequest }, images);
  return { value, decisions };
}

describe("the space of a design", () => {
  it("is the constrained RegNetY where that has networks within the limits", () => {
    const { value, decisions } = choose({ flops: 10e6 });
    expect(value.space.name).toBe("RegNetY-small-constrained");
    expect(decisions[0]).not.toHaveProperty("passedOver");
    expect(decisionEn(decisions[0]).text).not.toMatch(/Passed over/);
  });

  it("is a slimmer one where it has none, and says so", () => {
    const { value, decisions } = choose({ flops: 1e6 });
    expect(value.space.name).toBe("RegNetY-small-constrained-slim");
    expect(decisions).toMatchObject([{ step: "space", passedOver: ["RegNetY-small-constrained"] }]);
    for (const text of [decisionEn, decisionZh])
      expect(text(decisions[0]).text).toMatch(/RegNetY-small-constrained[.。]$/);
  });

  it("is the one that was asked for, or none", () => {
    expect(() => choose({ flops: 1e5, space: "RegNetY-small" })).toThrow(/cannot sample RegNetY-small: /);
    expect(() => choose({ flops: 10 })).toThrow(/cannot sample RegNetY-small: /);
  });
});
