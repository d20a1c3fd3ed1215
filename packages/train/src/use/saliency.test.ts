import { anynet, initialise } from "@regnet/core";
import { evaluate } from "@regnet/engine/testing";
import { describe, expect, it } from "vitest";
import { saliencyGraph } from "./saliency.js";

describe("saliencyGraph", () => {
  it("gives the gradient of one logit for the last feature maps", () => {
    const network = anynet({ stages: [{ depth: 1, width: 8, groupWidth: 4 }] }, { resolution: 8, classes: 3 });
    const graph = saliencyGraph(network);
    const state = initialise(network, 1);
    const image = Float32Array.from({ length: 3 * 64 }, (_, i) => Math.sin(i));
    const { outputs } = evaluate(graph, { image, seed: [0, 1, 0] }, state);
    const area = outputs.features.length / 8;
    for (const [i, gradient] of outputs.gradient.entries()) {
      expect(gradient).toBeCloseTo(state["head.fc.weight"][8 + Math.floor(i / area)] / area, 9);
    }
  });
});
