import type { Attributes, GraphNode, Shape, Value } from "./graph.js";

/** What one image costs in one op, as pycls counts it. flops are multiply-adds; acts are output elements that count. */
export interface Cost {
  readonly flops: number;
  readonly acts: number;
}

/** Lets a gradient rule write ops into the graph under construction. */
export interface OpScope {
  /** Appends a node named `name` (made unique) and returns its outputs. */
  apply<A extends Attributes>(op: OpDefinition<A>, inputs: readonly Value[], attributes: A, name: string): Value[];
}

/** Lets an op write its ONNX form. Tensor names are strings; `shape` attributes are static. */
export interface OnnxScope {
  /** The ONNX name of a graph value. */
  name(value: Value): string;
  /**
   * The name of images [N,C,H,W] as the node being written is to have them: as they are, or, for ONNX Runtime's CPU kernels,
   * interleaved in one, [1,C,H,W·N], in which the pixels of one place stand together. [N,H,W] and such likewise. To work that is
   * the same for every pixel this makes no difference. Other values: as `name`.
   */
  image(value: Value): string;
  /** The shape under which `image` has a value. */
  imageShape(value: Value): Shape;
  /** A node of the default ONNX domain. Returns its output names; fresh ones are made for outputs not given. */
  emit(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    outputs?: readonly string[],
  ): string[];
  /** A tensor name not yet used, for a node with more than one output. */
  fresh(wanted: string): string;
  /** A constant int64 tensor (for shapes and axes). Equal constants are shared. */
  int64(values: readonly number[], shape?: Shape): string;
  /** A constant float32 tensor. Equal constants are shared. */
  float(values: readonly number[], shape?: Shape): string;
  /** True when the first extent of activations is written as the symbol `batch`. */
  readonly symbolicBatch: boolean;
  /** True when ONNX Runtime's CPU kernels are to train the graph: forms are wanted that they are soonest done with. */
  readonly forCpuTraining: boolean;
}
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

/**
 * One operation: its shape rule, its cost, its gradient rule and its ONNX form, side by side in one file.
 * A gradient op has no `gradient` of its own.
 */
export interface OpDefinition<A extends Attributes = Attributes> {
  readonly name: string;
  /** Output shapes from input shapes. Throws a `RegnetError` that names the op and the extents that do not fit. */
  shapes(inputs: readonly Shape[], attributes: A): Shape[];
  /** Cost of one image; absent where pycls counts nothing. */
  cost?(inputs: readonly Shape[], attributes: A): Cost;
  /**
   * Gradients of the inputs, in their order, given those of the outputs (undefined: no gradient flows there).
   * `undefined` for an input that takes no gradient.
   */
  gradient?(node: GraphNode, gradients: readonly (Value | undefined)[], scope: OpScope): (Value | undefined)[];
  /** Writes the op as ordinary ONNX nodes (opset 17) whose results carry the names of the node's outputs. */
  onnx(node: GraphNode, scope: OnnxScope): void;
}

/** Attribute access for code that sees only `GraphNode`. */
export function attributesOf<A extends Attributes>(node: GraphNode, _op: OpDefinition<A>): A {
  return node.attributes as A;
}
