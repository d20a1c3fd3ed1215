import { describe, expect, it } from "vitest";
import { buildModel } from "../families/build.js";
import { differentiate } from "./differentiate.js";
import type { Graph } from "./graph.js";
import { graphFromJson, graphToJson } from "./json.js";
import { printGraph } from "./print.js";
import { validateGraph } from "./validate.js";

const spec = { family: "regnet", w0: 8, wa: 8, wm: 2, depth: 3, groupWidth: 8, se: 0.25 } as const;
const network = (): Graph => buildModel(spec, { resolution: 32, classes: 10, batch: 2 });

describe("validateGraph", () => {
  it.each(["RegNetX-400MF", "RegNetY-400MF", "regnetz_005", "ConvNeXt-Atto"])(
    "accepts %s, and its training",
    (name) => {
      const graph = buildModel(name, { resolution: 64, batch: 2 });
      expect(() => validateGraph(graph)).not.toThrow();
      const optimiser = { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 5e-5 } as const;
      expect(() => validateGraph(differentiate(graph, { kind: "softmaxCrossEntropy" }, optimiser))).not.toThrow();
    },
  );

  /** Puts a value at a path of the graph's JSON, such as `nodes.0.op`, and reads it. */
  const change = (path: string, value: unknown) => () => {
    const document = structuredClone(graphToJson(network()));
    const keys = path.split(".");
    const last = keys.pop() as string;
    const owner = keys.reduce(
      (inner, key) => inner[key] as Record<string, unknown>,
      document as Record<string, unknown>,
    );
    owner[last] = value;
    graphFromJson(document);
  };
  const { nodes, outputs } = graphToJson(network());
  it.each([
    ["batch", 0, /^invalid graph: batch/],
    ["extra", 0, 'invalid graph: unknown field "extra"'],
    ["nodes.0.op", "conv3d", /^invalid node "stem.conv": unknown op: "conv3d" \(did you mean "conv2d"/],
    ["nodes.1.inputs.0", 99999, 'invalid node "stem.bn": value %99999 is never defined'],
    ["nodes.1.name", "stem.conv", 'invalid node "stem.conv": the name is used twice'],
    ["nodes", [...nodes].reverse(), /invalid node "head.fc", input 0: value %\d+ is used before it is defined/],
    ["nodes.0.outputs.0.shape", [2, 32, 16, 17], "output 0: got shape [2,32,16,17], expected [2,32,16,16] of conv2d"],
    ["nodes.0.attributes.groups", 5, /^invalid node "stem.conv": /],
    ["nodes.1.outputs.0.id", 0, 'invalid node "stem.bn": value %0 is defined twice'],
    ["outputs", [], "invalid outputs: a graph needs at least one"],
    ["outputs.1", outputs[0], 'invalid output "logits": the name is used twice'],
    ["updates.0", { parameter: "nobody", value: 0 }, 'update of "nobody": there is no such parameter'],
    ["updates.0", { parameter: "head.fc.bias", value: 0 }, "got shape [2,3,32,32], expected [10]"],
    ["parameters.0.initial", { kind: "copy", of: "x" }, 'a copy of "x", which is no parameter'],
    ["parameters.0.role", "heavy", /parameters.0.role/],
  ])("refuses %s = %j", (path, value, message) => {
    expect(change(path, value)).toThrow(message);
  });
});

describe("graphToJson", () => {
  it("goes to text and back", () => {
    const graph = network();
    expect(graphFromJson(JSON.parse(JSON.stringify(graphToJson(graph))))).toEqual(graph);
  });
});

describe("printGraph", () => {
  it("prints a line an op", () => {
    const text = printGraph(network());
    expect(text.split("\n")[0]).toBe(`graph of ${network().nodes.length} ops, batch 2`);
    expect(text).toContain("input image: 2×3×32×32");
    expect(text).toContain("weight stem.conv.weight: 32×3×3×3");
    expect(text).toMatch(
      /%\d+ = +conv2d\(image, stem\.conv\.weight\) \{stride=2, padding=1, groups=1\} +2×32×16×16 +# stem\.conv/,
    );
    expect(text).toMatch(/output logits = %\d+: 2×10$/);
  });
});
