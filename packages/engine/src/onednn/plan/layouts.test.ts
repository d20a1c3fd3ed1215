import { anynet, convnext, differentiate, type Graph } from "@regnet/core";
import { expect, it } from "vitest";
import type { Dnn } from "../binding/dnn.js";
import { layoutsFor } from "./layouts.js";

const input = { batch: 2, resolution: 32, classes: 4 };

function dnn(tiles: boolean): Dnn {
  return { channelBlocks: [16], tiles } as Partial<Dnn> as Dnn;
}

function network(width: number): Graph {
  return anynet({ stages: [{ depth: 1, width, groupWidth: 8 }] }, input);
}

function training(graph: Graph): Graph {
  return differentiate(graph, { kind: "softmaxCrossEntropy" }, { kind: "sgd", momentum: 0.9, weightDecay: 0 });
}

function summary(...given: Parameters<typeof layoutsFor>) {
  const { name, tiled, groupBlock } = layoutsFor(...given);
  return { name, tiled, groupBlock };
}

it.each([
  ["inference", network(24), { name: "channelsLast", tiled: true, groupBlock: 32 }],
  [
    "training with whole blocks of channels",
    training(network(48)),
    { name: "channelsLast", tiled: true, groupBlock: 16 },
  ],
  ["training with others", training(network(24)), { name: "blocked", tiled: false, groupBlock: 16 }],
])("bfloat16 %s where the processor has tiles", (_, graph, layouts) => {
  expect(summary(dnn(true), graph, "bf16")).toEqual(layouts);
});

it("has channel blocks without tiles, in float32, and channels last for layer norms", () => {
  const blocked = { name: "blocked", tiled: false, groupBlock: 16 };
  expect(summary(dnn(false), network(48), "bf16")).toEqual(blocked);
  expect(summary(dnn(true), network(48), "f32")).toEqual(blocked);
  const norms = convnext({ depths: [1], widths: [16] }, input);
  expect(summary(dnn(false), norms, "f32")).toMatchObject({ name: "channelsLast", tiled: false });
});
