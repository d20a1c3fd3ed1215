import { buildModel, exportWeights, type Graph, initialise, type StoredTensor } from "@regnet/core";

/** `count` numbers in [-1, 1), from a hash of the name and the index; the twin of `uniform` in made_weights.py. */
export function uniform(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let h = (seed + Math.imul(i, 0x9e3779b9)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    values[i] = ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  }
  return values;
}

/** The twin of `values`: [offset, scale] of a parameter by torchvision's name. */
function range(name: string, shape: readonly number[]): readonly [number, number] {
  if (name.endsWith("running_var")) return [1, 0.5];
  if (name.endsWith("layer_scale")) return [0.25, 0.1];
  if (shape.length >= 2) return [0, Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1))];
  if (name.endsWith(".f.c.1.weight")) return [0.25, 0.1];
  return name.endsWith("weight") ? [1, 0.1] : [0, 0.1];
}

/** The state dict of one of torchvision's networks with made weights, by its names. */
export function madeStateDict(model: string, classes: number): Record<string, StoredTensor> {
  const graph = buildModel(model, { classes });
  const entries = Object.entries(exportWeights(graph, emptyWeights(graph), "torchvision"));
  return Object.fromEntries(
    entries
      .filter(([name]) => !name.endsWith("num_batches_tracked"))
      .map(([name, { shape }]) => [name, made(name, shape)]),
  );
}

function made(name: string, shape: readonly number[]): StoredTensor {
  const [offset, scale] = range(name, shape);
  const count = shape.reduce((a, b) => a * b, 1);
  return { dtype: "F32", shape, data: Float32Array.from(uniform(name, count), (u) => offset + scale * u) };
}

function emptyWeights(graph: Graph): Record<string, Float32Array> {
  const zero = { kind: "constant", value: 0 } as const;
  return initialise({ ...graph, parameters: graph.parameters.map((p) => ({ ...p, initial: zero })) }, 0);
}

/** The twin of `images`: [batch,3,side,side]. */
export function madeImages(batch: number, side: number): Float32Array {
  return Float32Array.from(uniform("image", batch * 3 * side * side), (u) => 1.7 * u);
}
