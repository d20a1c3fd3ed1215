import { create } from "@bufbuild/protobuf";
import type { Graph, GraphNode, NamedValue, Shape, Value } from "../graph/graph.js";
import type { OnnxAttribute, OnnxScope } from "../graph/op.js";
import { floatInitializer, type Initializer, int64Initializer } from "./encode.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  NodeProtoSchema,
} from "./onnx.gen.js";

export interface GraphForm {
  /** Whether the first extent of activations is the symbol `batch`. */
  readonly symbolicBatch?: boolean;
  readonly forCpuTraining?: boolean;
}

/** Gives every value of a graph its ONNX name and collects the nodes and constants that the ops write. */
export class GraphScope implements OnnxScope {
  readonly nodes: NodeProto[] = [];
  readonly constants: Initializer[] = [];
  readonly forCpuTraining: boolean;
  readonly symbolicBatch: boolean;
  /** How many images are interleaved in one; 1: none. */
  private readonly interleaved: number;
  /** Of each value that has them, its name as it is and as interleaved images. */
  private readonly names = new Map<number, string>();
  private readonly interleavings = new Map<number, string>();
  /** The names that results must have, and the outputs of the current node that it has not named yet. */
  private readonly reserved = new Map<number, string>();
  private readonly unnamed = new Map<number, string>();
  private readonly taken = new Set<string>();
  private readonly takenByNodes = new Set<string>();
  private readonly shared = new Map<string, string>();
  private current = "graph";

  constructor(graph: Graph, results: readonly NamedValue[], form: GraphForm = {}) {
    this.symbolicBatch = form.symbolicBatch ?? false;
    this.forCpuTraining = form.forCpuTraining ?? false;
    this.interleaved = form.forCpuTraining ? graph.batch : 1;
    for (const { name, value } of [...graph.inputs, ...graph.parameters]) {
      this.taken.add(name);
      this.names.set(value.id, name);
    }
    for (const { name, value } of results) {
      this.taken.add(name);
      if (!this.names.has(value.id) && !this.reserved.has(value.id)) this.reserved.set(value.id, name);
    }
  }

  /** From here on, emitted nodes belong to `node`, whose outputs it has to name. */
  enter(node: GraphNode): void {
    this.enterResults(node.name);
    for (const [i, { id }] of node.outputs.entries()) {
      this.unnamed.set(id, node.outputs.length === 1 ? node.name : `${node.name}:${i}`);
    }
  }

  /** From here on, emitted nodes belong to what has no outputs to be named. */
  enterResults(name = "results"): void {
    this.current = name;
    this.unnamed.clear();
  }

  name(value: Value): string {
    const { id, shape } = value;
    const known = this.names.get(id) ?? this.define(value, this.names);
    if (known !== undefined) return known;
    const interleaving = this.interleavings.get(id);
    if (interleaving === undefined) throw new TypeError(`value ${id} is used by ${this.current} before it is defined`);
    const last = shape.length - 1;
    const [apart] = this.emit("Reshape", [interleaving, this.int64([...shape.slice(1), shape[0]])]);
    const perm = [last, ...Array.from({ length: last }, (_, axis) => axis)];
    const [name] = this.emit("Transpose", [apart], { perm }, [this.plainName(value, `${apart}/images`)]);
    this.names.set(id, name);
    return name;
  }

  image(value: Value): string {
    const { id, shape } = value;
    if (!this.interleaves(shape)) return this.name(value);
    const known = this.interleavings.get(id) ?? this.define(value, this.interleavings);
    if (known !== undefined) return known;
    const perm = [...shape.slice(1).map((_, axis) => axis + 1), 0];
    const [turned] = this.emit("Transpose", [this.name(value)], { perm });
    const [name] = this.emit("Reshape", [turned, this.int64(this.imageShape(value))]);
    this.interleavings.set(id, name);
    return name;
  }

  imageShape({ shape }: Value): Shape {
    if (!this.interleaves(shape)) return shape;
    return [1, ...shape.slice(1, -1), shape[shape.length - 1] * this.interleaved];
  }

  private interleaves(shape: Shape): boolean {
    return this.interleaved > 1 && shape.length > 2 && shape[0] === this.interleaved;
  }

  /** Names an output of the current node, in the form in which it asks for it. */
  private define(value: Value, names: Map<number, string>): string | undefined {
    const wanted = this.unnamed.get(value.id);
    if (wanted === undefined) return undefined;
    this.unnamed.delete(value.id);
    const name = names === this.names ? this.plainName(value, wanted) : this.fresh(wanted);
    names.set(value.id, name);
    return name;
  }

  private plainName({ id }: Value, wanted: string): string {
    return this.reserved.get(id) ?? this.fresh(wanted);
  }

  /** Later readers of a value get it under another name. */
  rename(value: Value, name: string): void {
    this.names.set(value.id, name);
  }

  emit(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    outputs: readonly string[] = [this.fresh(`${this.current}/${opType}`)],
  ): string[] {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value));
    const name = unique(`${this.current}/${opType}`, this.takenByNodes);
    this.nodes.push(create(NodeProtoSchema, { name, opType, input: [...inputs], output: [...outputs], attribute }));
    return [...outputs];
  }

  int64(values: readonly number[], shape: Shape = [values.length]): string {
    return this.constant(`int64 ${shape} ${values}`, (name) => int64Initializer(name, shape, values));
  }

  float(values: readonly number[], shape: Shape = [values.length]): string {
    return this.constant(`float ${shape} ${values}`, (name) =>
      floatInitializer(name, shape, Float32Array.from(values)),
    );
  }

  private constant(key: string, make: (name: string) => Initializer): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(`constant:${this.constants.length}`);
    this.constants.push(make(name));
    this.shared.set(key, name);
    return name;
  }

  fresh(wanted: string): string {
    return unique(wanted, this.taken);
  }
}

function unique(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}#${i}`;
  taken.add(name);
  return name;
}

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}
