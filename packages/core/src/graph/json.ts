import * as z from "zod";
import { parseDocument } from "../document.js";
import { RegnetError } from "../errors.js";
import type { Graph, Value } from "./graph.js";
import { validateGraph } from "./validate.js";

const LIMIT = 1_000_000;
const shape = z.array(z.int().positive()).max(8);
const value = z.strictObject({ id: z.int().min(0), shape });
const name = z.string().min(1).max(1000);
const named = z.strictObject({ name, value });
const attribute = z.union([z.number(), z.boolean(), z.string().max(1000), z.array(z.number()).max(1000)]);

const initial = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), value: z.number() }),
  z.strictObject({ kind: z.literal("normal"), std: z.number() }),
  z.strictObject({ kind: z.literal("truncatedNormal"), std: z.number() }),
  z.strictObject({ kind: z.literal("copy"), of: name }),
]);

const graphSchema = z.strictObject({
  batch: z.int().positive(),
  inputs: z.array(named).max(LIMIT),
  parameters: z
    .array(named.extend({ role: z.enum(["weight", "statistic", "optimiser", "average"]), initial }))
    .max(LIMIT),
  nodes: z
    .array(
      z.strictObject({
        op: name,
        name,
        attributes: z.record(z.string(), attribute),
        inputs: z.array(z.int().min(0)).max(LIMIT),
        outputs: z.array(value).max(100),
      }),
    )
    .max(LIMIT),
  outputs: z.array(z.strictObject({ name, value: z.int().min(0) })).max(LIMIT),
  updates: z.array(z.strictObject({ parameter: name, value: z.int().min(0) })).max(LIMIT),
});

/** A graph as plain data for `JSON.stringify`: a value's shape stands where it is defined, and its number where it is used. */
export type GraphJson = z.output<typeof graphSchema>;

/** A graph as plain data; `graphFromJson` reads it again. */
export function graphToJson(graph: Graph): GraphJson {
  const copy = ({ id, shape }: Value) => ({ id, shape: [...shape] });
  return {
    batch: graph.batch,
    inputs: graph.inputs.map(({ name, value }) => ({ name, value: copy(value) })),
    parameters: graph.parameters.map(({ name, value, role, initial }) => ({ name, value: copy(value), role, initial })),
    nodes: graph.nodes.map(({ op, name, attributes, inputs, outputs }) => ({
      op,
      name,
      attributes: attributes as GraphJson["nodes"][number]["attributes"],
      inputs: inputs.map(({ id }) => id),
      outputs: outputs.map(copy),
    })),
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: value.id })),
    updates: graph.updates.map(({ parameter, value }) => ({ parameter, value: value.id })),
  };
}

/**
 * The graph of a parsed JSON document, checked as `validateGraph` does. As in a built graph, every use of a value is the same
 * object.
 *
 * @throws RegnetError that names what is wrong
 */
export function graphFromJson(document: unknown): Graph {
  const { batch, inputs, parameters, nodes, outputs, updates } = parseDocument(graphSchema, document, "graph");
  const values = new Map<number, Value>();
  const define = (what: string, value: Value) => {
    const { id } = value;
    if (values.has(id)) throw new RegnetError(`invalid ${what}: value %${id} is defined twice`, "invalid", what);
    values.set(id, value);
  };
  for (const { name, value } of inputs) define(`input "${name}"`, value);
  for (const { name, value } of parameters) define(`parameter "${name}"`, value);
  for (const { name, outputs } of nodes) for (const value of outputs) define(`node "${name}"`, value);
  const use = (id: number, what: string): Value => {
    const value = values.get(id);
    if (!value) throw new RegnetError(`invalid ${what}: value %${id} is never defined`, "invalid", what);
    return value;
  };
  const graph: Graph = {
    batch,
    inputs,
    parameters,
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map((id) => use(id, `node "${node.name}"`)) })),
    outputs: outputs.map(({ name, value }) => ({ name, value: use(value, `output "${name}"`) })),
    updates: updates.map(({ parameter, value }) => ({ parameter, value: use(value, `update of "${parameter}"`) })),
  };
  validateGraph(graph);
  return graph;
}
