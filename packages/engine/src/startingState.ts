import { type Graph, initialise, invalid, size } from "@regnet/core";

/**
 * A value for every parameter of a graph: a copy of the one given, or its initial one.
 *
 * @throws RegnetError for a given value of another size
 */
export function startingState(
  graph: Graph,
  given: Readonly<Record<string, Float32Array>>,
  seed: number,
): Record<string, Float32Array> {
  const initial = initialise(graph, seed);
  for (const { name, value } of graph.parameters) {
    const values = given[name];
    if (!values) continue;
    if (values.length !== size(value.shape)) {
      throw invalid(`state of ${name}`, values.length, `${size(value.shape)} elements for shape [${value.shape}]`);
    }
    initial[name] = values.slice();
  }
  return initial;
}
