import { type Graph, op, type Shape } from "@regnet/core";
import type { Dnn } from "../binding/dnn.js";
import type { ChannelBlock } from "../binding/instructionSets.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { ElementType } from "../binding/specs.js";
import { channelBlockFor } from "./channelBlock.js";

/** The layouts of one plan: images in channel blocks, or channels last where layer norms or tiles want them so. */
export interface Layouts {
  readonly name: "blocked" | "channelsLast";
  /** Channels in a block. */
  readonly channelBlock: ChannelBlock;
  /** True where kernels multiply tiles of bfloat16. */
  readonly tiled: boolean;
  /** Channels that a group should fill; of narrower ones, neighbours are taken together. */
  readonly groupBlock: number;
  /** [N, C, H, W] as the plan prefers it. */
  image(dims: Shape, type: ElementType): MemoryDescriptor;
  /** [N, C, H, W] in channel blocks. */
  blocked(dims: Shape, type: ElementType): MemoryDescriptor;
  /** Depthwise weights [groups, 1, 1, height, width] with groups in blocks. */
  blockedFirst(dims: Shape, type: ElementType): MemoryDescriptor;
}

/** Channels that fill a row of a tile. */
const TILE = 32;

/** Chooses the layout of images for a whole graph, whose activations have a type. */
export function layoutsFor(dnn: Dnn, graph: Graph, precision: ElementType): Layouts {
  const channelBlock = channelBlockFor(dnn, graph, precision);
  const tiled = precision === "bf16" && dnn.tiles && suitsTiles(graph);
  // A training step would make the weights of merged groups anew each time, which costs what larger tiles gain.
  const groupBlock = tiled && graph.updates.length === 0 ? TILE : channelBlock;
  const blocked: Layouts["blocked"] = (dims, type) => dnn.blocked(dims, type, channelBlock);
  const blockedFirst: Layouts["blocked"] = (dims, type) => dnn.blockedFirst(dims, type, channelBlock);
  const shared = { channelBlock, tiled, groupBlock, blocked, blockedFirst };
  const channelsLast = tiled || hasImageLayerNorm(graph);
  return channelsLast
    ? { ...shared, name: "channelsLast", image: (dims, type) => channelsLastLayout(dnn, dims, type) }
    : { ...shared, name: "blocked", image: blocked };
}

function hasImageLayerNorm(graph: Graph): boolean {
  return graph.nodes.some(({ op: name, inputs: [x] }) => name.startsWith("layerNorm") && x.shape.length === 4);
}

/** With channels last, batch norms in training have fast kernels for whole blocks of 16 channels only. */
function suitsTiles({ nodes }: Graph): boolean {
  return nodes.every(({ op: name, inputs: [x] }) => name !== op.batchNormTraining.name || x.shape[1] % 16 === 0);
}

/** [N, C, H, W] with strides of N×H×W×C. */
export function channelsLastLayout(dnn: Dnn, dims: Shape, type: ElementType): MemoryDescriptor {
  const [, c, h, w] = dims;
  return dnn.strided(dims, type, [h * w * c, 1, w * c, c]);
}

/** Strides that put the axes in memory in the given order, the first outermost. */
export function stridesInOrder(dims: readonly number[], order: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  let step = 1;
  for (const axis of [...order].reverse()) {
    strides[axis] = step;
    step *= dims[axis];
  }
  return strides;
}

/** True where both layouts put every element at the same place: they differ only along extents of 1. */
export function samePlaces(a: MemoryDescriptor, b: MemoryDescriptor): boolean {
  if (a.any || b.any || a.bytes !== b.bytes) return false;
  const [headA, stridesA, innerA = ""] = split(a.key);
  const [headB, stridesB, innerB = ""] = split(b.key);
  if (headA !== headB || innerA !== innerB) return false;
  const [left, right] = [stridesA.split(","), stridesB.split(",")];
  return a.dims.every((extent, axis) => extent === 1 || left[axis] === right[axis]);
}

/** True where both have two dimensions in blocks, the same ones in blocks of the same size, in whatever order. */
export function sameBlocks(a: MemoryDescriptor, b: MemoryDescriptor): boolean {
  const [headA, , innerA = ""] = split(a.key);
  const [headB, , innerB = ""] = split(b.key);
  const [first, second] = [innerA, innerB].map((inner) => inner.match(/\d+[a-z]/g) ?? []);
  return headA === headB && first.length === 2 && first.toSorted().join() === second.toSorted().join();
}

/** `type dims`, strides, inner blocks. */
function split(key: string): [string, string, string | undefined] {
  const [type, dims, strides, inner] = key.split(" ");
  return [`${type} ${dims}`, strides, inner];
}

/** A layout's strides and inner blocks, the last one innermost; undefined where the library may choose. */
export function blockingOf({ key, any }: MemoryDescriptor) {
  if (any) return undefined;
  const [, strides, inner = ""] = split(key);
  const blocks = [...inner.matchAll(/(\d+)([a-z])/g)];
  return {
    strides: strides.split(",").map(Number),
    inner: blocks.map(([, size, letter]) => ({ size: Number(size), dim: letter.charCodeAt(0) - "a".charCodeAt(0) })),
  };
}

/** True for row-major order without blocks. */
export function isPlain({ key, dims }: MemoryDescriptor): boolean {
  const [, strides, inner] = split(key);
  if (inner || strides === "any") return false;
  const steps = strides.split(",").map(Number);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (dims[axis] !== 1 && steps[axis] !== step) return false;
    step *= dims[axis];
  }
  return true;
}
