/**
 * A graph is a network as data: a static-shape, single-assignment list of operations over float32 tensors.
 * Layouts are always plain (images are N×C×H×W); an engine is free to hold them otherwise inside.
 */

/** Extents of a tensor. Images are [batch, channels, height, width], vectors [batch, features], scalars [1]. */
export type Shape = readonly number[];

/** One float32 tensor of the graph, defined once: by an input, a parameter or a node. */
export interface Value {
  readonly id: number;
  readonly shape: Shape;
}

export type Attribute = number | boolean | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** One operation. `op` is a key of the op registry; `name` is a stable path such as `s1.b1.conv1.conv`. */
export interface GraphNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

/**
 * What a parameter is for.
 * - `weight`: trained by gradients
 * - `statistic`: running statistics of normalisation
 * - `optimiser`: momentum and moments
 * - `average`: moving average of a weight or statistic, named `ema:<name>`
 */
export type ParameterRole = "weight" | "statistic" | "optimiser" | "average";

/** How a parameter starts. `copy` takes the starting value of another parameter. */
export type Initialiser =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "truncatedNormal"; readonly std: number }
  | { readonly kind: "copy"; readonly of: string };

/** State that outlives a run: weights, running statistics, optimiser state. */
export interface Parameter {
  readonly name: string;
  readonly value: Value;
  readonly role: ParameterRole;
  readonly initial: Initialiser;
}

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

/** After a run, `parameter` takes the value of `value`. */
export interface StateUpdate {
  readonly parameter: string;
  readonly value: Value;
}

export interface Graph {
  /** The batch size every activation's first extent was built for. */
  readonly batch: number;
  /** What the caller supplies on every run. */
  readonly inputs: readonly NamedValue[];
  readonly parameters: readonly Parameter[];
  /** In an order in which every value is defined before it is used. */
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly NamedValue[];
  /** Empty for an inference graph. */
  readonly updates: readonly StateUpdate[];
}

/** Number of elements. */
export function size(shape: Shape): number {
  let product = 1;
  for (const extent of shape) product *= extent;
  return product;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/** The graph's parameter of that name, or undefined. */
export function findParameter(graph: Graph, name: string): Parameter | undefined {
  return graph.parameters.find((parameter) => parameter.name === name);
}
