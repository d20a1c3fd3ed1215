import { anynet, foldBatchNorm, initialise } from "@regnet/core";
import { evaluate } from "@regnet/engine/testing";
import { describe, expect, it } from "vitest";

describe("foldBatchNorm", () => {
  it("leaves the logits as they are, without a batch norm", () => {
    const stages = [{ depth: 2, width: 8, groupWidth: 4 }];
    const graph = anynet({ stages, se: 0.25 }, { resolution: 8, classes: 3 });
    const weights = initialise(graph, 1);
    for (const { name, role } of graph.parameters) {
      if (role === "statistic" || name.includes(".bn."))
        weights[name] = weights[name].map((_, i) => 0.5 + ((i * 7) % 5) / 4);
    }
    const folded = foldBatchNorm({ graph, weights });
    const image = Float32Array.from({ length: 3 * 64 }, (_, i) => Math.sin(i));
    const before = evaluate(graph, { image }, weights).outputs.logits;
    const after = evaluate(folded.graph, { image }, folded.weights).outputs.logits;
    expect(folded.graph.nodes.some(({ op }) => op === "batchNorm")).toBe(false);
    for (const [i, logit] of after.entries()) expect(logit).toBeCloseTo(before[i], 5);
  });
});
