import { type Graph, initialise, invalid, missing, size } from "@regnet/core";
import type { CompileOptions } from "./engine.js";

/**
 * A value for every parameter of a graph: a copy of the one given, or its initial one.
 *
 * @throws RegnetError for a given value of another size, and as `expectWhole` does
 */
export function startingState(graph: Graph, options: CompileOptions): Record<string, Float32Array> {
  expectWhole(graph, options);
  const { state = {}, seed = 0 } = options;
  const initial = initialise(graph, seed);
  for (const { name, value } of graph.parameters) {
    const values = state[name];
    if (!values) continue;
    if (values.length !== size(value.shape)) {
      throw invalid(`state of ${name}`, values.length, `${size(value.shape)} elements for shape [${value.shape}]`);
    }
    initial[name] = values.slice();
  }
  return initial;
}

/**
 * A network given in part would run on weights that nobody chose. An optimiser's state and averages may be left out: a
 * training then starts with them as new.
 *
 * @throws RegnetError (`missing`) when some weights or statistics are given, others are not, and no seed asks for them to
 * be drawn
 */
export function expectWhole({ parameters }: Graph, { state, seed }: CompileOptions): void {
  if (state === undefined || seed !== undefined) return;
  const ofNetwork = parameters.filter(({ role }) => role === "weight" || role === "statistic");
  const absent = ofNetwork.filter(({ name }) => !state[name]).map(({ name }) => name);
  if (absent.length === 0) return;
  const named = `${absent.slice(0, 3).join(", ")}${absent.length > 3 ? ", …" : ""}`;
  throw missing(
    `state of ${absent.length} of ${ofNetwork.length} weights and statistics (${named})`,
    "give them too, or a seed to draw them from",
  );
}
