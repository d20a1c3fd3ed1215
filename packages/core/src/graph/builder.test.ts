import { describe, expect, it } from "vitest";
import { backward } from "./backward.js";
import { GraphBuilder } from "./builder.js";
import { add, batchNorm, conv2d, linear, multiply, relu, reshape } from "./ops/index.js";
import { prune } from "./prune.js";

const window = { stride: 1, padding: 1, groups: 1 };

describe("GraphBuilder", () => {
  it("names what does not fit", () => {
    const b = new GraphBuilder(2);
    const x = b.input("image", [2, 3, 8, 8]);
    const w = b.parameter("w", [4, 4, 3, 3], "weight", { kind: "constant", value: 0 });
    expect(() => b.one(conv2d, [x, w], window, "conv")).toThrow(/conv2d: 3 → 4 channels do not split into 1 groups/);
    expect(() => b.one(reshape, [x], { shape: [100] }, "flat")).toThrow(
      /\[3,8,8\] has not as many elements as \[100\]/,
    );
    expect(() => b.input("image", [1])).toThrow(/a name not yet used/);
    expect(() => new GraphBuilder(0)).toThrow(/invalid batch: got 0, expected a positive integer/);
  });

  it("rounds the extents of strided windows down", () => {
    const b = new GraphBuilder(1);
    const x = b.input("image", [1, 3, 7, 9]);
    const w = b.parameter("w", [6, 3, 3, 3], "weight", { kind: "constant", value: 0 });
    expect(b.one(conv2d, [x, w], { ...window, stride: 2 }, "conv").shape).toEqual([1, 6, 4, 5]);
  });

  it("makes node names unique and continues a graph without clashes", () => {
    const b = new GraphBuilder(1);
    const x = b.input("x", [1, 4]);
    b.output("y", b.one(relu, [b.one(relu, [x], {}, "act")], {}, "act"));
    const graph = b.build();
    expect(graph.nodes.map(({ name }) => name)).toEqual(["act", "act#2"]);
    const more = GraphBuilder.from(graph);
    const value = more.one(relu, [graph.outputs[0].value], {}, "act");
    expect(graph.nodes.flatMap(({ outputs }) => outputs).map(({ id }) => id)).not.toContain(value.id);
    expect(more.build().nodes.at(-1)?.name).toBe("act#3");
  });
});

describe("backward", () => {
  it("sums the gradients of a value that is used twice", () => {
    const b = new GraphBuilder(1);
    const x = b.input("x", [1, 4]);
    const y = b.one(add, [b.one(multiply, [x, x], {}, "square"), x], {}, "sum");
    const seed = b.input("seed", [1, 4]);
    const gradient = backward(b, b.build().nodes, [[y, seed]], [x]).of(x);
    b.output("gradient", gradient!);
    expect(prune(b.build()).nodes.map(({ op }) => op)).toContain("add");
  });

  it("says which op has no gradient rule", () => {
    const b = new GraphBuilder(1);
    const x = b.input("x", [1, 2, 1, 1]);
    const vector = (name: string) => b.parameter(name, [2], "weight", { kind: "constant", value: 1 });
    const inputs = [x, vector("g"), vector("b"), vector("m"), vector("v")];
    const y = b.one(batchNorm, inputs, { epsilon: 1e-5, momentum: 0.1 }, "bn");
    expect(() => backward(b, b.build().nodes, [[y, x]], [x])).toThrow(
      /op "batchNorm" \(node "bn"\) has no gradient rule/,
    );
  });
});

describe("prune", () => {
  it("drops nodes and parameters that nothing reads", () => {
    const b = new GraphBuilder(1);
    const x = b.input("x", [1, 4]);
    const used = b.parameter("used", [2, 4], "weight", { kind: "constant", value: 1 });
    const unused = b.parameter("unused", [2, 4], "weight", { kind: "constant", value: 1 });
    b.output("y", b.one(linear, [x, used], {}, "a"));
    b.one(linear, [x, unused], {}, "b");
    const graph = prune(b.build());
    expect(graph.nodes.map(({ name }) => name)).toEqual(["a"]);
    expect(graph.parameters.map(({ name }) => name)).toEqual(["used"]);
  });
});
