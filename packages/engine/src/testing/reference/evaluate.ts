import { type Graph, missing, RegnetError, size, type Value } from "@regnet/core";
import { activations } from "./activations.js";
import { convolutions } from "./convolutions.js";
import { elementwise } from "./elementwise.js";
import type { Kernel } from "./kernel.js";
import { linears } from "./linears.js";
import { normalisations } from "./normalisations.js";
import { poolings } from "./poolings.js";
import type { Tensor } from "./tensor.js";
import { training } from "./training.js";

/** Tensors by name, in plain layout. */
export type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** What a run of a graph leaves behind, in float64. */
export interface ReferenceResult {
  /** Every output of the graph. */
  readonly outputs: Readonly<Record<string, Float64Array>>;
  /** Every parameter of the graph after the updates. */
  readonly state: Readonly<Record<string, Float64Array>>;
}

const kernels: ReadonlyMap<string, Kernel> = new Map(
  Object.entries({
    ...activations,
    ...convolutions,
    ...elementwise,
    ...linears,
    ...normalisations,
    ...poolings,
    ...training,
  }),
);

/** The ops that `evaluate` knows: every op of the core. */
export const referenceOps: readonly string[] = [...kernels.keys()];

/**
 * Runs a graph once in float64 with plain loops: the oracle that engines are compared with. Meant for small shapes.
 *
 * @throws RegnetError when an input or parameter is missing or of another size, or an op has no kernel
 */
export function evaluate(graph: Graph, inputs: Numbers, state: Numbers): ReferenceResult {
  const values = new Map<number, Tensor>();
  for (const { name, value } of graph.inputs) values.set(value.id, tensor(value, inputs[name], `input ${name}`));
  for (const { name, value } of graph.parameters) values.set(value.id, tensor(value, state[name], `parameter ${name}`));
  for (const node of graph.nodes) {
    const kernel = kernels.get(node.op);
    if (!kernel) throw new RegnetError(`unsupported op "${node.op}" in the reference`, "unsupported", node.op);
    const results = kernel(
      node.inputs.map(({ id }) => values.get(id)!),
      node,
    );
    for (const [i, output] of node.outputs.entries()) values.set(output.id, results[i]);
  }
  const data = ({ id }: Value) => values.get(id)!.data;
  const after = new Map(graph.parameters.map(({ name, value }) => [name, data(value)]));
  for (const { parameter, value } of graph.updates) after.set(parameter, data(value));
  return {
    outputs: Object.fromEntries(graph.outputs.map(({ name, value }) => [name, data(value)])),
    state: Object.fromEntries(after),
  };
}

function tensor({ shape }: Value, numbers: ArrayLike<number> | undefined, what: string): Tensor {
  if (!numbers) throw missing(what);
  if (numbers.length !== size(shape)) {
    throw new RegnetError(`invalid ${what}: got ${numbers.length} elements, expected shape [${shape}]`);
  }
  return { shape, data: Float64Array.from(numbers) };
}
