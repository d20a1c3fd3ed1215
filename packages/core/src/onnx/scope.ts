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

/** Gives every value of a graph its ONNX name and collects the nodes and constants that the ops write. */
export class GraphScope implements OnnxScope {
  readonly nodes: NodeProto[] = [];
  readonly constants: Initializer[] = [];
  private readonly names = new Map<number, string>();
  private readonly taken = new Set<string>();
  private readonly takenByNodes = new Set<string>();
  private readonly shared = new Map<string, string>();
  private current = "graph";

  constructor(
    graph: Graph,
    readonly symbolicBatch: boolean,
    results: readonly NamedValue[],
  ) {
    for (const { name, value } of [...graph.inputs, ...graph.parameters, ...results]) {
      this.taken.add(name);
      if (!this.names.has(value.id)) this.names.set(value.id, name);
    }
  }

  /** From here on, emitted nodes belong to `node`. */
  enter(node: GraphNode): void {
    this.current = node.name;
    for (const [i, output] of node.outputs.entries()) {
      if (this.names.has(output.id)) continue;
      this.names.set(output.id, this.fresh(node.outputs.length === 1 ? node.name : `${node.name}:${i}`));
    }
  }

  name(value: Value): string {
    const name = this.names.get(value.id);
    if (name === undefined) throw new TypeError(`value ${value.id} is used by ${this.current} before it is defined`);
    return name;
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
