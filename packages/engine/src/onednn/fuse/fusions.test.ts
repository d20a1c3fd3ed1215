import { anynet, differentiate, type Graph, graphFromJson, graphToJson } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { findFusions } from "./fusions.js";

const net = anynet(
  { stages: [{ depth: 2, width: 16, groupWidth: 8 }], stem: "cifar", stemWidth: 8 },
  { batch: 2, resolution: 8, classes: 3 },
);

function left(graph: Graph): string[] {
  const fusions = findFusions(graph);
  return graph.nodes.filter((node) => !fusions.absorbed(node)).map(({ op }) => op);
}

describe("what runs as one kernel", () => {
  it("leaves convolutions, pooling and the classifier of an inference graph", () => {
    const ops = left(net);
    expect(ops.filter((op) => op === "conv2d")).toHaveLength(8);
    expect(ops.filter((op) => op !== "conv2d")).toEqual(["globalAveragePool", "reshape", "linear"]);
  });

  it("takes a ReLU and its gradient into the batch norm before it, and leaves those after sums", () => {
    const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, undefined, { gradients: true });
    const fusions = findFusions(graph);
    const kept = graph.nodes.filter((node) => !fusions.absorbed(node));
    expect(kept.filter(({ op }) => op === "relu")).toEqual([]);
    expect(kept.filter(({ op }) => op === "reluBackward").map(({ name }) => name)).toEqual([
      "s1.b2.act3.backward",
      "s1.b1.act3.backward",
    ]);
  });

  it("takes a sum into the later of the batch norms that it adds up, and the ReLU along", () => {
    const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, undefined, { gradients: true });
    const fusions = findFusions(graph);
    const heads = graph.nodes
      .filter(({ op, name }) => op === "add" && name.endsWith(".sum"))
      .map(fusions.head, fusions);
    expect(heads.map(({ op, name }) => [op, name])).toEqual([
      ["batchNormTraining", "s1.b1.downsample.bn"],
      ["batchNormTraining", "s1.b2.conv3.bn"],
    ]);
    const results = heads.map((head) => fusions.of(head)!.result.id);
    const relus = graph.nodes.filter(({ op, name }) => op === "relu" && name.endsWith("act3"));
    expect(results).toEqual(relus.map(({ outputs }) => outputs[0].id));
  });

  it("takes the gradients of squeeze-excitation's factors and of what it scales and averages as one each", () => {
    const stages = [{ depth: 1, width: 16, groupWidth: 8 }];
    const squeezing = anynet(
      { stages, se: 0.25, stem: "cifar", stemWidth: 8 },
      { batch: 2, resolution: 8, classes: 3 },
    );
    const graph = differentiate(squeezing, { kind: "softmaxCrossEntropy" }, undefined, { gradients: true });
    const fusions = findFusions(graph);
    const headOf = (name: string) => fusions.head(graph.nodes.find((node) => node.name === name)!).name;
    expect(headOf("s1.b1.se.scale.dfactor")).toBe("s1.b1.se.scale.product");
    expect(headOf("s1.b1.se.scale.dx")).toBe("s1.b1.se.pool.accumulate");
    expect(headOf("s1.b1.se.pool.backward")).toBe("s1.b1.se.pool.accumulate");
    expect(headOf("head.pool.backward")).toBe("head.pool.backward");
  });

  it("keeps apart what someone else reads, or what leaves the graph", () => {
    const first = net.nodes.find(({ op }) => op === "batchNorm")!;
    const graph = { ...net, outputs: [...net.outputs, { name: "inner", value: first.outputs[0] }] };
    expect(left(graph)).toContain("relu");
  });

  it("is the same for a graph that was stored and read again", () => {
    for (const graph of [net, differentiate(net, { kind: "softmaxCrossEntropy" }, undefined, { gradients: true })]) {
      const stored: unknown = JSON.parse(JSON.stringify(graphToJson(graph)));
      expect(left(graphFromJson(stored))).toEqual(left(graph));
    }
  });
});
