import { RegnetError } from "../errors.js";
import {
  type Graph,
  type GraphNode,
  type NamedValue,
  type Parameter,
  type Shape,
  sameShape,
  type Value,
} from "./graph.js";
import { opDefinition } from "./ops/index.js";

const ROLES = ["weight", "statistic", "optimiser", "average"];

/**
 * Checks a graph that did not come from the builder of this process: names are unique, every value is defined once and
 * before it is used, every op is known and takes its inputs' shapes, and what it says of its outputs is so.
 *
 * @throws RegnetError that names the node, input, parameter, output or update that is wrong
 */
export function validateGraph(graph: Graph): void {
  const checker = new Checker();
  if (!Number.isInteger(graph.batch) || graph.batch < 1) throw wrong("batch", `got ${graph.batch}, expected 1 or more`);
  for (const input of graph.inputs) checker.define(`input "${input.name}"`, input);
  for (const parameter of graph.parameters) checker.parameter(parameter);
  for (const node of graph.nodes) checker.node(node);
  if (graph.outputs.length === 0) throw wrong("outputs", "a graph needs at least one");
  const outputs = new Set<string>();
  for (const { name, value } of graph.outputs) {
    if (outputs.has(name)) throw wrong(`output "${name}"`, "the name is used twice");
    outputs.add(name);
    checker.use(`output "${name}"`, value);
  }
  checker.updates(graph);
}

class Checker {
  private readonly values = new Map<number, Shape>();
  private readonly names = new Set<string>();

  define(what: string, { name, value }: NamedValue): void {
    this.claim(what, name);
    this.value(what, value);
  }

  parameter(parameter: Parameter): void {
    const what = `parameter "${parameter.name}"`;
    this.define(what, parameter);
    if (!ROLES.includes(parameter.role)) {
      throw wrong(what, `got role ${JSON.stringify(parameter.role)}, expected ${ROLES.join(", ")}`);
    }
    if (parameter.initial.kind === "copy" && !this.names.has(parameter.initial.of)) {
      throw wrong(what, `it starts as a copy of "${parameter.initial.of}", which is no parameter before it`);
    }
  }

  node(node: GraphNode): void {
    const what = `node "${node.name}"`;
    this.claim(what, node.name);
    node.inputs.forEach((input, i) => {
      this.use(`${what}, input ${i}`, input);
    });
    const shapes = shapesOf(node, what);
    if (shapes.length !== node.outputs.length) {
      throw wrong(what, `got ${node.outputs.length} outputs, expected ${shapes.length} of ${node.op}`);
    }
    node.outputs.forEach((output, i) => {
      if (!sameShape(output.shape, shapes[i])) {
        throw wrong(`${what}, output ${i}`, `got shape [${output.shape}], expected [${shapes[i]}] of ${node.op}`);
      }
      this.value(what, output);
    });
  }

  use(what: string, { id, shape }: Value): void {
    const defined = this.values.get(id);
    if (!defined) throw wrong(what, `value %${id} is used before it is defined`);
    if (!sameShape(defined, shape)) throw wrong(what, `value %${id} has shape [${defined}], but [${shape}] here`);
  }

  updates({ updates, parameters }: Graph): void {
    const shapes = new Map(parameters.map(({ name, value }) => [name, value.shape]));
    const seen = new Set<string>();
    for (const { parameter, value } of updates) {
      const what = `update of "${parameter}"`;
      const shape = shapes.get(parameter);
      if (!shape) throw wrong(what, "there is no such parameter");
      if (seen.has(parameter)) throw wrong(what, "the parameter is updated twice");
      seen.add(parameter);
      this.use(what, value);
      if (!sameShape(shape, value.shape)) throw wrong(what, `got shape [${value.shape}], expected [${shape}]`);
    }
  }

  private claim(what: string, name: string): void {
    if (typeof name !== "string" || name === "") throw wrong(what, "it needs a name");
    if (this.names.has(name)) throw wrong(what, "the name is used twice");
    this.names.add(name);
  }

  private value(what: string, { id, shape }: Value): void {
    if (this.values.has(id)) throw wrong(what, `value %${id} is defined twice`);
    if (!shape.every((extent) => Number.isInteger(extent) && extent > 0)) {
      throw wrong(what, `got shape [${shape}], expected positive integers`);
    }
    this.values.set(id, shape);
  }
}

function shapesOf({ op, inputs, attributes }: GraphNode, what: string): Shape[] {
  try {
    return opDefinition(op).shapes(
      inputs.map(({ shape }) => shape),
      attributes,
    );
  } catch (error) {
    if (error instanceof RegnetError) throw new RegnetError(`invalid ${what}: ${error.message}`, error.code, what);
    throw error;
  }
}

function wrong(what: string, why: string): RegnetError {
  return new RegnetError(`invalid ${what}: ${why}`, "invalid", what);
}
