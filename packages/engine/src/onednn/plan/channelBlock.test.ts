import { anynet, differentiate } from "@regnet/core";
import { describe, expect, it } from "vitest";
import type { ChannelBlock } from "../binding/instructionSets.js";
import { channelBlockFor } from "./channelBlock.js";

const both: { channelBlocks: readonly ChannelBlock[] } = { channelBlocks: [16, 8] };
const input = { batch: 2, resolution: 32, classes: 4 };

function network(groupWidth: number, se?: number) {
  return anynet({ stages: [{ depth: 2, width: 48, groupWidth }], ...(se && { se }) }, input);
}

describe("the block of channels", () => {
  it.each([
    [1, 8],
    [2, 8],
    [8, 8],
    [24, 8],
    [16, 16],
    [48, 16],
  ])("of a network of group width %i has %i channels where the processor runs both as fast", (groupWidth, block) => {
    const forward = network(groupWidth);
    const loss = { kind: "softmaxCrossEntropy" } as const;
    const training = differentiate(forward, loss, { kind: "sgd", momentum: 0.9, weightDecay: 0 });
    for (const graph of [forward, training]) expect(channelBlockFor(both, graph, "f32")).toBe(block);
  });

  it("is the same with squeeze-excitation, and the widest for bfloat16", () => {
    expect(channelBlockFor(both, network(8, 0.25), "f32")).toBe(8);
    expect(channelBlockFor(both, network(16, 0.25), "f32")).toBe(16);
    expect(channelBlockFor(both, network(8), "bf16")).toBe(16);
  });

  it("is the only one that there are kernels for", () => {
    expect(channelBlockFor({ channelBlocks: [16] }, network(8), "f32")).toBe(16);
    expect(channelBlockFor({ channelBlocks: [8] }, network(16), "f32")).toBe(8);
  });
});
