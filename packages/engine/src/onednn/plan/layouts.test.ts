import { anynet, convnext, differentiate, type Graph } from "@regnet/core";
import { expect, it } from "vitest";
import type { Dnn } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { layoutsFor, sameBlocks } from "./layouts.js";

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

it.each<[boolean, string, string]>([
  [true, "f32 2x16x16x3x3 2304,2304,2304,768,256 16c16b", "f32 2x16x16x3x3 2304,2304,2304,768,256 16b16c"],
  [false, "f32 2x16x16x3x3 2304,2304,2304,768,256 16c16b", "f32 2x16x16x3x3 2304,144,9,3,1"],
  [false, "f32 2x16x16x3x3 2304,2304,2304,768,256 16c16b", "f32 2x16x16x3x3 2304,1152,576,192,64 8c8b"],
  [false, "f32 4x32x8x8 2048,1024,128,16 16b", "f32 4x32x8x8 2048,1024,128,16 16b"],
  [false, "f32 1x16x16x3x3 2304,2304,2304,768,256 16c16b", "f32 2x16x16x3x3 2304,2304,2304,768,256 16b16c"],
])("says %s of the same two blocks: %s and %s", (same, a, b) => {
  const [left, right] = [a, b].map((key) => ({ key }) as Partial<MemoryDescriptor> as MemoryDescriptor);
  expect(sameBlocks(left, right)).toBe(same);
});
