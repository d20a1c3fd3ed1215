import { attributesOf, type Graph, type GraphNode, op, sameShape, type Value } from "@regnet/core";
import { Readers } from "./readers.js";

/** What a node's kernel does beyond the node itself. */
export interface Fusion {
  /** A batch norm with fixed statistics, folded into a convolution's weights. */
  readonly fold?: GraphNode;
  /** A value added to the result, of a batch norm as well. */
  readonly sum?: Value;
  /** An activation after that. */
  readonly activation?: GraphNode;
  /** The gradient of the ReLU that follows a batch norm. */
  readonly reluBackward?: GraphNode;
  /** The sum of the output's gradient, which is the bias's gradient. */
  readonly biasGradient?: GraphNode;
  /** The sum over places of two images' product. */
  readonly placesSum?: GraphNode;
  /** An image times a factor for each channel, and the gradient of a global average pooling, which a sum adds up. */
  readonly spread?: { readonly product: GraphNode; readonly pooling: GraphNode };
  /** What takes the place of the node's first output. */
  readonly result: Value;
}

/** Which nodes of a graph run as part of others. */
export interface Fusions {
  of(node: GraphNode): Fusion | undefined;
  /** True for a node that is part of another's kernel. */
  absorbed(node: GraphNode): boolean;
  /** The node in whose place a node runs: itself, unless it is absorbed. */
  head(node: GraphNode): GraphNode;
  readonly readers: Readers;
}

const ACTIVATIONS = new Set(["relu", "sigmoid", "silu", "gelu"]);
const HEADS = new Set(["conv2d", "add", "batchNormTraining", "linear"]);

/** Finds what can run as one kernel. */
export function findFusions(graph: Graph): Fusions {
  return new Finder(graph);
}

class Finder implements Fusions {
  readonly readers: Readers;
  private readonly found = new Map<GraphNode, Fusion>();
  /** The node in whose kernel another runs. */
  private readonly heads = new Map<GraphNode, GraphNode>();
  private readonly position = new Map<number, number>();
  private readonly fixed: ReadonlySet<number>;

  constructor(graph: Graph) {
    this.readers = new Readers(graph);
    const updated = new Set(graph.updates.map(({ parameter }) => parameter));
    this.fixed = new Set(graph.parameters.filter(({ name }) => !updated.has(name)).map(({ value }) => value.id));
    graph.nodes.forEach((node, index) => {
      if (!this.heads.has(node)) this.visit(node, index);
    });
  }

  of(node: GraphNode): Fusion | undefined {
    return this.found.get(node);
  }

  absorbed(node: GraphNode): boolean {
    return this.heads.has(node);
  }

  head(node: GraphNode): GraphNode {
    return this.heads.get(node) ?? node;
  }

  private visit(node: GraphNode, index: number): void {
    const fusion = this.fusion(node, index);
    if (fusion) this.found.set(node, fusion);
    for (const part of fusion ? partsOf(fusion) : []) {
      this.heads.set(part, node);
      for (const { id } of part.outputs) this.position.set(id, index);
    }
    for (const { id } of [...node.outputs, ...(fusion ? [fusion.result] : [])]) this.position.set(id, index);
  }

  private fusion(node: GraphNode, index: number): Fusion | undefined {
    if (node.op === op.conv2dBackwardWeights.name) return this.biasGradient(node, [0, 2, 3]);
    if (node.op === op.linearBackwardWeights.name) return this.biasGradient(node, [0]);
    if (node.op === op.conv2dBackwardData.name) return this.gradientSum(node, index);
    if (node.op === op.batchNormBackward.name) return this.reluBackward(node);
    if (node.op === op.batchNormTraining.name) return this.normRelu(node) ?? this.normSum(node, index);
    if (node.op === op.multiply.name) return this.placesSum(node);
    if (node.op === op.add.name) return this.spread(node) ?? this.chain(node, index);
    return HEADS.has(node.op) ? this.chain(node, index) : undefined;
  }

  /** A convolution, linear layer or sum with what follows it element by element. */
  private chain(node: GraphNode, index: number): Fusion | undefined {
    let result = node.outputs[0];
    let fold: GraphNode | undefined;
    let sum: { value: Value; node: GraphNode } | undefined;
    for (;;) {
      const next = this.readers.only(result);
      if (!next) break;
      if (!fold && !sum && node.op === "conv2d" && this.foldable(node, next)) {
        fold = next;
      } else if (!sum && node.op === "conv2d" && next.op === "add" && this.ready(other(next, result), index)) {
        sum = { value: other(next, result), node: next };
      } else if (ACTIVATIONS.has(next.op)) {
        return this.made(node, { fold, sum: sum?.value, activation: next, result: next.outputs[0] }, sum?.node);
      } else break;
      result = next.outputs[0];
    }
    return fold || sum ? this.made(node, { fold, sum: sum?.value, result }, sum?.node) : undefined;
  }

  private made(node: GraphNode, fusion: Fusion, sum: GraphNode | undefined): Fusion {
    if (sum) this.heads.set(sum, node);
    return fusion;
  }

  private foldable(conv: GraphNode, norm: GraphNode): boolean {
    const fixed = [...conv.inputs.slice(1), ...norm.inputs.slice(1)].every(({ id }) => this.fixed.has(id));
    return norm.op === op.batchNorm.name && norm.inputs[0] === conv.outputs[0] && fixed;
  }

  /** True where a value is there before the node at `index` runs. */
  private ready(value: Value, index: number): boolean {
    const maker = this.readers.maker(value);
    return !maker || (this.position.get(value.id) ?? Number.POSITIVE_INFINITY) < index;
  }

  private biasGradient(node: GraphNode, axes: readonly number[]): Fusion | undefined {
    const [, dy] = node.inputs;
    const biasGradient = this.readers.of(dy).find((reader) => {
      if (reader.op !== op.reduceSum.name || this.heads.has(reader)) return false;
      const attributes = attributesOf(reader, op.reduceSum);
      return !attributes.keepDims && attributes.axes.join() === axes.join();
    });
    return biasGradient && { biasGradient, result: node.outputs[0] };
  }

  /** The gradient of a 1×1 convolution's source, and what is added to it: a convolution itself, whose kernel can add. */
  private gradientSum(node: GraphNode, index: number): Fusion | undefined {
    const [dx] = node.outputs;
    const next = this.readers.only(dx);
    if (!isPlacewiseGradient(node) || next?.op !== op.add.name || !this.ready(other(next, dx), index)) return undefined;
    return this.made(node, { sum: other(next, dx), result: next.outputs[0] }, next);
  }

  /** A batch norm in training with the ReLU after it, provided that its gradient can take the ReLU's along. */
  private normRelu(node: GraphNode): Fusion | undefined {
    const activation = this.readers.only(node.outputs[0]);
    if (activation?.op !== op.relu.name) return undefined;
    const backward = this.readers.of(node.outputs[1]).find((reader) => reader.op === op.batchNormBackward.name);
    if (backward && !this.reluOf(backward)) return undefined;
    return { activation, result: activation.outputs[0] };
  }

  /** A batch norm in training with the sum after it, and the ReLU after that. */
  private normSum(node: GraphNode, index: number): Fusion | undefined {
    const [y] = node.outputs;
    const sum = this.readers.only(y);
    if (sum?.op !== op.add.name || !this.ready(other(sum, y), index)) return undefined;
    const next = this.readers.only(sum.outputs[0]);
    const activation = next?.op === op.relu.name ? next : undefined;
    return this.made(node, { sum: other(sum, y), activation, result: (activation ?? sum).outputs[0] }, sum);
  }

  /** The gradient of a factor for each channel: a product of two images, summed over places. */
  private placesSum(node: GraphNode): Fusion | undefined {
    const [product] = node.outputs;
    const sum = this.readers.only(product);
    const isOfImages = product.shape.length === 4 && node.inputs.every(({ shape }) => sameShape(shape, product.shape));
    if (!isOfImages || sum?.op !== op.reduceSum.name || attributesOf(sum, op.reduceSum).axes.join() !== "2,3")
      return undefined;
    return { placesSum: sum, result: sum.outputs[0] };
  }

  /** The gradients of what squeeze-excitation scales and averages, which a sum adds up. */
  private spread(node: GraphNode): Fusion | undefined {
    for (const [a, b] of [node.inputs, node.inputs.toReversed()]) {
      const [product, pooling] = [a, b].map((value) =>
        this.readers.only(value) ? this.readers.maker(value) : undefined,
      );
      if (product?.op !== op.multiply.name || pooling?.op !== op.globalAveragePoolBackward.name) continue;
      const [image, factor] = product.inputs;
      const isFactor =
        sameShape(factor.shape, pooling.inputs[0].shape) && sameShape(image.shape, node.outputs[0].shape);
      if (isFactor && !this.heads.has(product)) return { spread: { product, pooling }, result: node.outputs[0] };
    }
    return undefined;
  }

  private reluBackward(node: GraphNode): Fusion | undefined {
    const reluBackward = this.reluOf(node);
    return reluBackward && { reluBackward, result: node.outputs[0] };
  }

  /** The ReLU gradient that feeds a batch norm's, where both belong to one fused forward kernel. */
  private reluOf(backward: GraphNode): GraphNode | undefined {
    const [dy, , , mean] = backward.inputs;
    const reluBackward = this.readers.maker(dy);
    if (reluBackward?.op !== op.reluBackward.name || this.readers.only(dy) !== backward) return undefined;
    const relu = this.readers.maker(reluBackward.inputs[1]);
    const norm = this.readers.maker(mean);
    const matches = norm?.op === op.batchNormTraining.name && relu?.op === op.relu.name;
    if (!matches || relu.inputs[0] !== norm.outputs[0] || this.readers.only(norm.outputs[0]) !== relu) return undefined;
    return reluBackward;
  }
}

function partsOf({ fold, activation, reluBackward, biasGradient, placesSum, spread }: Fusion): GraphNode[] {
  const parts = [fold, activation, reluBackward, biasGradient, placesSum, spread?.product, spread?.pooling];
  return parts.filter((node) => node !== undefined);
}

/** True for the gradient of a convolution that takes each place by itself, with all channels. */
export function isPlacewiseGradient(gradient: GraphNode): boolean {
  const { stride, padding, groups } = attributesOf(gradient, op.conv2dBackwardData);
  const [, , ...kernel] = gradient.inputs[1].shape;
  return stride === 1 && padding === 0 && groups === 1 && kernel.every((extent) => extent === 1);
}

function other(add: GraphNode, value: Value): Value {
  return add.inputs[0] === value ? add.inputs[1] : add.inputs[0];
}
