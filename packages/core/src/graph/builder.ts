import { invalid } from "../errors.js";
import {
  type Attributes,
  type Graph,
  type GraphNode,
  type Initialiser,
  type NamedValue,
  type Parameter,
  type ParameterRole,
  type Shape,
  type StateUpdate,
  sameShape,
  type Value,
} from "./graph.js";
import type { OpDefinition, OpScope } from "./op.js";

/** Builds a graph, op by op. Shapes are checked as ops are added. */
export class GraphBuilder implements OpScope {
  private readonly inputs: NamedValue[] = [];
  private readonly parameters: Parameter[] = [];
  private readonly nodes: GraphNode[] = [];
  private readonly outputs: NamedValue[] = [];
  private readonly updates: StateUpdate[] = [];
  private readonly names = new Set<string>();
  private nextId = 0;

  constructor(readonly batch: number) {
    if (!Number.isInteger(batch) || batch < 1) throw invalid("batch", batch, "a positive integer");
  }

  /** Continues a finished graph: same values, same names, more ops. Outputs and updates start empty. */
  static from(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder(graph.batch);
    builder.inputs.push(...graph.inputs);
    builder.parameters.push(...graph.parameters);
    builder.nodes.push(...graph.nodes);
    for (const { name } of [...graph.inputs, ...graph.parameters, ...graph.nodes]) builder.names.add(name);
    for (const { outputs } of graph.nodes) for (const { id } of outputs) builder.reserve(id);
    for (const { value } of [...graph.inputs, ...graph.parameters]) builder.reserve(value.id);
    return builder;
  }

  input(name: string, shape: Shape): Value {
    const value = this.value(shape);
    this.inputs.push({ name: this.claim(name), value });
    return value;
  }

  parameter(name: string, shape: Shape, role: ParameterRole, initial: Initialiser): Value {
    const value = this.value(shape);
    this.parameters.push({ name: this.claim(name), value, role, initial });
    return value;
  }

  apply<A extends Attributes>(op: OpDefinition<A>, inputs: readonly Value[], attributes: A, name: string): Value[] {
    const shapes = op.shapes(
      inputs.map((input) => input.shape),
      attributes,
    );
    const outputs = shapes.map((shape) => this.value(shape));
    this.nodes.push({ op: op.name, name: this.unique(name), inputs, attributes, outputs });
    return outputs;
  }

  /** `apply` for ops with one output. */
  one<A extends Attributes>(op: OpDefinition<A>, inputs: readonly Value[], attributes: A, name: string): Value {
    return this.apply(op, inputs, attributes, name)[0];
  }

  output(name: string, value: Value): void {
    this.outputs.push({ name, value });
  }

  update(parameter: Parameter, value: Value): void {
    if (!sameShape(parameter.value.shape, value.shape)) {
      throw invalid(`update of ${parameter.name}`, value.shape, `shape [${parameter.value.shape}]`);
    }
    this.updates.push({ parameter: parameter.name, value });
  }

  build(): Graph {
    return {
      batch: this.batch,
      inputs: [...this.inputs],
      parameters: [...this.parameters],
      nodes: [...this.nodes],
      outputs: [...this.outputs],
      updates: [...this.updates],
    };
  }

  private value(shape: Shape): Value {
    return { id: this.nextId++, shape: [...shape] };
  }

  private reserve(id: number): void {
    this.nextId = Math.max(this.nextId, id + 1);
  }

  private claim(name: string): string {
    if (this.names.has(name)) throw invalid("name", name, "a name not yet used in this graph");
    this.names.add(name);
    return name;
  }

  private unique(name: string): string {
    let candidate = name;
    for (let i = 2; this.names.has(candidate); i++) candidate = `${name}#${i}`;
    this.names.add(candidate);
    return candidate;
  }
}
