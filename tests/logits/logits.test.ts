import { readFileSync } from "node:fs";
import { importWeights } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { madeImages, madeStateDict } from "./madeWeights.js";
import { logitsByOnnx, relativeError } from "./runOnnx.js";

interface Golden {
  classes: number;
  batch: number;
  logits: Record<string, number[]>;
}

const { classes, batch, logits } = JSON.parse(
  readFileSync(new URL("./golden/logits.json", import.meta.url), "utf8"),
) as Golden;

describe("logits of torchvision with the same weights", () => {
  it.each(["regnet_x_400mf", "regnet_y_400mf", "convnext_tiny"])("%s", async (model) => {
    const { naming, spec, weights } = importWeights(madeStateDict(model, classes));
    expect(naming).toBe("torchvision");
    for (const side of [64, 224]) {
      const actual = await logitsByOnnx(spec, weights, madeImages(batch, side), { batch, side, classes });
      expect(relativeError(actual, logits[`${model}@${side}`])).toBeLessThan(1e-4);
    }
  });
});
