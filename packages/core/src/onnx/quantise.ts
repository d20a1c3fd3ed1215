import { create } from "@bufbuild/protobuf";
import { readersOf, type WeightedGraph } from "../graph/foldBatchNorm.js";
import type { Graph, GraphNode, Value } from "../graph/graph.js";
import { opDefinition } from "../graph/ops/index.js";
import { encodeModel, floatInitializer, type Initializer, integerInitializer } from "./encode.js";
import { GraphProtoSchema, ModelProtoSchema } from "./onnx.gen.js";
import { GraphScope } from "./scope.js";
import { IR_VERSION, ONNX_OPSET, valueInfo } from "./toOnnx.js";

/** Least and greatest value that an activation takes. */
export type ActivationRange = readonly [number, number];

export interface QuantisedOnnxOptions {
  /** By value id; see `quantisedValues`. */
  readonly ranges: ReadonlyMap<number, ActivationRange>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly name?: string;
}

/** Ops with weights, which are stored as int8 with a scale an output channel. */
const WEIGHTED: ReadonlySet<string> = new Set(["conv2d", "linear"]);
/** Ops that only move numbers: their results are as exact as what they read. */
const MOVES: ReadonlySet<string> = new Set(["reshape", "dropPath"]);

/**
 * The greatest weight in steps. Kernels for processors without VNNI add two products of an activation (at most 255) and a
 * weight in 16 bits, and cut off what exceeds them: 2 · 255 · 64 = 32,640 just fits.
 */
const GREATEST = 64;

/**
 * The most steps that a bias may be, well within int32. Where its step, the product of the input's scale and the
 * weights', is too small for that, the weights get a larger scale: beside such a bias they hardly count.
 */
const MOST_STEPS = 2 ** 30;

/**
 * The activations that static quantisation rounds to 8 bits: all but the outputs of the graph, what is only moved, and
 * what a ReLU alone reads, whose clipping the rounding does itself.
 */
export function quantisedValues(graph: Graph): Value[] {
  const readers = readersOf(graph);
  const rounded = (value: Value) => {
    const read = readers.get(value.id) ?? [];
    return read.length > 0 && !read.includes(undefined) && !(read.length === 1 && read[0]?.op === "relu");
  };
  const results = graph.nodes.filter(({ op }) => !MOVES.has(op)).flatMap(({ outputs }) => outputs);
  return [...graph.inputs.map(({ value }) => value), ...results].filter(rounded);
}

/**
 * Writes an inference graph as a statically quantised ONNX file: QuantizeLinear and DequantizeLinear around every
 * activation (unsigned, one range a tensor), int8 weights (symmetric, one scale an output channel, from -64 to 64: see
 * `GREATEST`), int32 biases. Runtimes fuse these into integer kernels. Fold batch norms first.
 */
export function toQuantisedOnnx({ graph, weights }: WeightedGraph, options: QuantisedOnnxOptions): Uint8Array {
  return new Quantiser(graph, weights, options).write();
}

class Quantiser {
  private readonly scope: GraphScope;
  private readonly stored: Initializer[] = [];
  private readonly names: ReadonlyMap<number, string>;
  private readonly scales = new Map<number, number>();
  private readonly done = new Set<string>();

  constructor(
    private readonly graph: Graph,
    private readonly weights: WeightedGraph["weights"],
    private readonly options: QuantisedOnnxOptions,
  ) {
    this.scope = new GraphScope(graph, graph.outputs, { symbolicBatch: true });
    this.names = new Map(graph.parameters.map(({ name, value }) => [value.id, name]));
  }

  write(): Uint8Array {
    const { graph, scope } = this;
    for (const { value } of graph.inputs) this.round(value);
    for (const node of graph.nodes) {
      scope.enter(node);
      if (WEIGHTED.has(node.op)) this.quantiseWeights(node);
      else for (const value of node.inputs) this.storePlain(value);
      opDefinition(node.op).onnx(node, scope);
      if (MOVES.has(node.op)) this.follow(node);
      else for (const value of node.outputs) this.round(value);
    }
    for (const { name, value } of graph.outputs) {
      if (scope.name(value) !== name) scope.emit("Identity", [scope.name(value)], {}, [name]);
    }
    return this.encode();
  }

  private encode(): Uint8Array {
    const { graph, scope, options } = this;
    const proto = create(GraphProtoSchema, { name: options.name ?? "regnet", node: scope.nodes });
    proto.input = graph.inputs.map(({ name, value }) => valueInfo(name, value.shape, graph.batch));
    proto.output = graph.outputs.map(({ name, value }) => valueInfo(name, value.shape, graph.batch));
    const model = create(ModelProtoSchema, {
      irVersion: BigInt(IR_VERSION),
      producerName: "regnet",
      opsetImport: [{ domain: "", version: BigInt(ONNX_OPSET) }],
      metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    });
    return encodeModel(model, proto, [...this.stored, ...scope.constants]);
  }

  /** What was only moved keeps its scale, for the biases of what reads it. */
  private follow({ inputs: [from], outputs: [to] }: GraphNode): void {
    const scale = this.scales.get(from.id);
    if (scale !== undefined) this.scales.set(to.id, scale);
  }

  /** From here on, readers of the value get it rounded to 8 bits. */
  private round(value: Value): void {
    const range = this.options.ranges.get(value.id);
    if (!range) return;
    const [low, high] = [Math.min(0, range[0]), Math.max(0, range[1])];
    const scale = Math.fround((high - low) / 255 || 1);
    const zero = Math.min(255, Math.max(0, Math.round(-low / scale)));
    const name = this.scope.name(value);
    const parts = [this.scope.float([scale], []), this.store(`${name}:zero`, [], Uint8Array.of(zero))];
    const [rounded] = this.scope.emit("QuantizeLinear", [name, ...parts]);
    this.scope.rename(value, this.scope.emit("DequantizeLinear", [rounded, ...parts])[0]);
    this.scales.set(value.id, scale);
  }

  private quantiseWeights({ inputs: [x, kernel, bias] }: GraphNode): void {
    const step = this.scales.get(x.id);
    if (!bias || step === undefined) {
      this.storeRows(kernel, () => 0);
      if (bias) this.storePlain(bias);
      return;
    }
    const own = this.names.get(bias.id)!;
    const values = this.weights[own];
    const scales = this.storeRows(kernel, (row) => Math.abs(values[row]) / (step * MOST_STEPS));
    const steps = scales.map((scale) => scale * step);
    const rounded = Int32Array.from(values, (value, c) => Math.round(value / steps[c]));
    this.dequantise(bias, this.store(`${own}:int32`, bias.shape, rounded), steps, `${own}:scale`);
  }

  /** Stores weights as int8, and gives the scale of each output channel: no less than `least`. */
  private storeRows(kernel: Value, least: (row: number) => number): Float32Array {
    const name = this.names.get(kernel.id)!;
    const { values, scales } = quantiseRows(this.weights[name], kernel.shape[0], least);
    this.dequantise(kernel, this.store(`${name}:int8`, kernel.shape, values), scales, `${name}:scale`);
    return scales;
  }

  private dequantise(value: Value, stored: string, scales: Float32Array, name: string): void {
    this.stored.push(floatInitializer(this.scope.fresh(name), [scales.length], scales));
    const [{ name: scale }] = this.stored.slice(-1);
    this.scope.rename(value, this.scope.emit("DequantizeLinear", [stored, scale], { axis: 0 })[0]);
  }

  /** Stores a parameter as it is, once. */
  private storePlain(value: Value): void {
    const name = this.names.get(value.id);
    if (name === undefined || this.done.has(name)) return;
    this.done.add(name);
    this.stored.push(floatInitializer(name, value.shape, this.weights[name]));
  }

  private store(wanted: string, shape: Value["shape"], values: Int8Array | Uint8Array | Int32Array): string {
    const name = this.scope.fresh(wanted);
    this.stored.push(integerInitializer(name, shape, values));
    return name;
  }
}

/** Each row as int8 with a scale of its own, symmetric around zero. @param least that a row's scale may be */
function quantiseRows(
  weights: Float32Array,
  rows: number,
  least: (row: number) => number,
): { values: Int8Array; scales: Float32Array } {
  const each = weights.length / rows;
  const scales = new Float32Array(rows);
  const values = new Int8Array(weights.length);
  for (let row = 0; row < rows; row++) {
    const own = weights.subarray(row * each, (row + 1) * each);
    const greatest = own.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    scales[row] = Math.max(greatest > 0 ? greatest / GREATEST : 1, least(row));
    for (let i = 0; i < each; i++) values[row * each + i] = Math.round(own[i] / scales[row]);
  }
  return { values, scales };
}
