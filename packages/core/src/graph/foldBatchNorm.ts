import { GraphBuilder } from "./builder.js";
import { type Graph, type GraphNode, type Parameter, size, type Value } from "./graph.js";
import type { Tensors } from "./initialise.js";
import { attributesOf } from "./op.js";
import { batchNorm, conv2d, opDefinition } from "./ops/index.js";

/** A graph with the values of its parameters. */
export interface WeightedGraph {
  readonly graph: Graph;
  readonly weights: Tensors;
}

/**
 * An inference graph without the batch norms that follow a convolution: they go into its weights and bias. The results
 * are the same up to rounding. The new biases are named after the convolution (`stem.conv.bias`).
 */
export function foldBatchNorm({ graph, weights }: WeightedGraph): WeightedGraph {
  return new Folding(graph, weights).run();
}

class Folding {
  private readonly builder: GraphBuilder;
  private readonly values = new Map<number, Value>();
  private readonly parameters: ReadonlyMap<number, Parameter>;
  private readonly folded: Record<string, Float32Array> = {};
  private readonly norms: ReadonlyMap<GraphNode, GraphNode>;

  constructor(
    private readonly graph: Graph,
    private readonly weights: Tensors,
  ) {
    this.builder = new GraphBuilder(graph.batch);
    this.parameters = new Map(graph.parameters.map((parameter) => [parameter.value.id, parameter]));
    this.norms = normsAfterConvolutions(graph);
  }

  run(): WeightedGraph {
    const { graph, builder } = this;
    for (const { name, value } of graph.inputs) this.values.set(value.id, builder.input(name, value.shape));
    const gone = new Set(this.norms.values());
    for (const node of graph.nodes) {
      const norm = this.norms.get(node);
      if (norm) this.fold(node, norm);
      else if (!gone.has(node)) this.copy(node);
    }
    for (const { name, value } of graph.outputs) builder.output(name, this.map(value));
    return { graph: builder.build(), weights: this.folded };
  }

  private copy(node: GraphNode): void {
    const outputs = this.builder.apply(
      opDefinition(node.op),
      node.inputs.map((value) => this.map(value)),
      node.attributes,
      node.name,
    );
    for (const [i, output] of node.outputs.entries()) this.values.set(output.id, outputs[i]);
  }

  private fold(conv: GraphNode, norm: GraphNode): void {
    const [x, kernel, bias] = conv.inputs;
    const [gamma, beta, mean, variance] = norm.inputs.slice(1).map((value) => this.valuesOf(value));
    const { epsilon } = attributesOf(norm, batchNorm);
    const factors = gamma.map((g, c) => g / Math.sqrt(variance[c] + epsilon));
    const before = bias ? this.valuesOf(bias) : new Float32Array(gamma.length);
    const shift = Float32Array.from(beta, (b, c) => b + (before[c] - mean[c]) * factors[c]);
    const each = size(kernel.shape) / gamma.length;
    const scaled = this.valuesOf(kernel).map((w, i) => w * factors[Math.floor(i / each)]);
    const inputs = [
      this.map(x),
      this.parameter(this.nameOf(kernel), kernel.shape, scaled),
      this.parameter(`${conv.name}.bias`, [gamma.length], shift),
    ];
    const output = this.builder.one(conv2d, inputs, attributesOf(conv, conv2d), conv.name);
    this.values.set(norm.outputs[0].id, output);
  }

  /** Where a value went; a parameter is taken over when it is first used. */
  private map(value: Value): Value {
    const known = this.values.get(value.id);
    if (known) return known;
    const moved = this.parameter(this.nameOf(value), value.shape, this.valuesOf(value));
    this.values.set(value.id, moved);
    return moved;
  }

  private parameter(name: string, shape: Value["shape"], values: Float32Array): Value {
    this.folded[name] = values;
    return this.builder.parameter(name, shape, "weight", { kind: "constant", value: 0 });
  }

  private nameOf(value: Value): string {
    return this.parameters.get(value.id)!.name;
  }

  private valuesOf(value: Value): Float32Array {
    return this.weights[this.nameOf(value)];
  }
}

/** Every convolution whose only reader is a batch norm, with that batch norm. */
function normsAfterConvolutions(graph: Graph): Map<GraphNode, GraphNode> {
  const readers = readersOf(graph);
  const pairs = graph.nodes.flatMap((node) => {
    const [reader, other] = readers.get(node.outputs[0].id) ?? [];
    const alone = reader?.op === batchNorm.name && !other && reader.inputs[0].id === node.outputs[0].id;
    return node.op === conv2d.name && alone ? [[node, reader] as const] : [];
  });
  return new Map(pairs);
}

/** The nodes that read each value, and `undefined` for each time it is an output of the graph. */
export function readersOf(graph: Graph): ReadonlyMap<number, readonly (GraphNode | undefined)[]> {
  const readers = new Map<number, (GraphNode | undefined)[]>();
  const add = (id: number, reader: GraphNode | undefined) => {
    const list = readers.get(id);
    if (list) list.push(reader);
    else readers.set(id, [reader]);
  };
  for (const node of graph.nodes) for (const { id } of node.inputs) add(id, node);
  for (const { value } of graph.outputs) add(value.id, undefined);
  return readers;
}
