import type { Attribute, Graph, GraphNode, Shape } from "./graph.js";

/**
 * A graph as text for people: inputs, parameters by role, one line a node, outputs and updates. Values are numbered
 * `%7`; parameters go by their names.
 */
export function printGraph(graph: Graph): string {
  const name = namer(graph);
  const lines = [
    `graph of ${graph.nodes.length} ops, batch ${graph.batch}`,
    ...graph.inputs.map(({ name, value }) => `input ${name}: ${shapeText(value.shape)}`),
    ...graph.parameters.map(({ name, role, value }) => `${role} ${name}: ${shapeText(value.shape)}`),
    "",
    ...align(graph.nodes.map((node) => nodeCells(node, name))),
    "",
    ...graph.outputs.map(
      (output) => `output ${output.name} = ${name(output.value.id)}: ${shapeText(output.value.shape)}`,
    ),
    ...graph.updates.map(({ parameter, value }) => `update ${parameter} = ${name(value.id)}`),
  ];
  return lines.join("\n");
}

function namer({ inputs, parameters }: Graph): (id: number) => string {
  const names = new Map([...inputs, ...parameters].map(({ name, value }) => [value.id, name]));
  return (id) => names.get(id) ?? `%${id}`;
}

function nodeCells({ op, name, inputs, outputs, attributes }: GraphNode, nameOf: (id: number) => string): string[] {
  const results = outputs.map(({ id }) => nameOf(id)).join(", ");
  const list = Object.entries(attributes).map(([key, value]) => `${key}=${attributeText(value)}`);
  const call = `${op}(${inputs.map(({ id }) => nameOf(id)).join(", ")})`;
  const cells = [`${results} =`, list.length > 0 ? `${call} {${list.join(", ")}}` : call];
  return [...cells, outputs.map(({ shape }) => shapeText(shape)).join(", "), `# ${name}`];
}

/** Columns under each other, but for the long ones. */
function align(rows: readonly string[][]): string[] {
  const LONG = 72;
  const widths = [0, 1, 2].map((column) => {
    const lengths = rows.map((row) => row[column].length).filter((length) => length <= LONG);
    return lengths.reduce((a, b) => Math.max(a, b), 0);
  });
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}

function shapeText(shape: Shape): string {
  return shape.join("×");
}

function attributeText(value: Attribute): string {
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
