import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { RegnetError } from "../errors.js";
import { type Graph, type Initialiser, size } from "./graph.js";

/** Tensors by parameter name, in plain layout. */
export type Tensors = Readonly<Record<string, Float32Array>>;

/** Most parameters: in float32 they take 2 GiB, the most that is written to a file and read from one. */
const PARAMETERS_LIMIT = 2 ** 29;

/**
 * Starting values of every parameter of a graph. The same seed gives the same values; a parameter's values depend
 * on the seed and its own name alone, so that adding one parameter does not change the others.
 *
 * @throws RegnetError (`unsupported`) for a network of more than 2 GiB
 */
export function initialise(graph: Graph, seed: number): Record<string, Float32Array> {
  const count = graph.parameters.reduce((sum, { value }) => sum + size(value.shape), 0);
  if (count > PARAMETERS_LIMIT) {
    throw new RegnetError(
      `unsupported network: it has ${count} parameters, more than the ${PARAMETERS_LIMIT} that fit into a file`,
      "unsupported",
    );
  }
  const tensors: Record<string, Float32Array> = {};
  for (const { name, value, initial } of graph.parameters) {
    tensors[name] =
      initial.kind === "copy" ? tensors[initial.of].slice() : draw(initial, size(value.shape), name, seed);
  }
  return tensors;
}

function draw(
  initial: Exclude<Initialiser, { kind: "copy" }>,
  count: number,
  name: string,
  seed: number,
): Float32Array {
  const values = new Float32Array(count);
  if (initial.kind === "constant") return values.fill(initial.value);
  const bound = initial.kind === "truncatedNormal" ? 2 / initial.std : Number.POSITIVE_INFINITY;
  fillNormal(values, xoroshiro128plus(hash(name, seed)), initial.std, bound);
  return values;
}

/** Normal numbers by the polar method, two at a time; those beyond `bound` standard deviations are drawn again. */
function fillNormal(values: Float32Array, random: RandomGenerator, std: number, bound: number): void {
  for (let i = 0; i < values.length; ) {
    const x = (random.next() >>> 0) / 2 ** 31 - 1;
    const y = (random.next() >>> 0) / 2 ** 31 - 1;
    const s = x * x + y * y;
    if (s >= 1 || s === 0) continue;
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    if (Math.abs(x * factor) <= bound) values[i++] = x * factor * std;
    if (i < values.length && Math.abs(y * factor) <= bound) values[i++] = y * factor * std;
  }
}

/** FNV-1a over the name, mixed with the seed. */
function hash(name: string, seed: number): number {
  let h = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h | 0;
}
