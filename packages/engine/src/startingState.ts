import { type Graph, initialise, invalid, missing, type Parameter, size } from "@regnet/core";
import type { CompileOptions } from "./engine.js";
import { expectFinite } from "./finite.js";

/**
 * What each parameter of a graph starts from: the values given, else its initial ones, and a copy what it copies starts
 * from. They are made when asked for, since all together are as large as the network, and may be the caller's arrays.
 *
 * @throws RegnetError for a given value of another size, when it is asked for, and at once as `expectWhole` does
 */
export function startingValues(graph: Graph, options: CompileOptions): (parameter: Parameter) => Float32Array {
  expectWhole(graph, options);
  const { state = {}, seed = 0 } = options;
  const named = new Map(graph.parameters.map((parameter) => [parameter.name, parameter]));
  return function valuesOf(parameter): Float32Array {
    const { name, value, initial } = parameter;
    const given = state[name];
    if (given && given.length !== size(value.shape)) {
      throw invalid(`state of ${name}`, given.length, `${size(value.shape)} elements for shape [${value.shape}]`);
    }
    if (given) return given;
    if (initial.kind === "copy") return valuesOf(named.get(initial.of)!);
    return initialise({ ...graph, parameters: [parameter] }, seed)[name];
  };
}

/**
 * `startingValues` of all parameters, each in an array of its own.
 *
 * @throws RegnetError as `startingValues` does
 */
export function startingState(graph: Graph, options: CompileOptions): Record<string, Float32Array> {
  const valuesOf = startingValues(graph, options);
  return Object.fromEntries(graph.parameters.map((parameter) => [parameter.name, valuesOf(parameter).slice()]));
}

/**
 * A network given in part would run on weights that nobody chose. An optimiser's state and averages may be left out: a
 * training then starts with them as new.
 *
 * @throws RegnetError (`missing`) when some weights or statistics are given, others are not, and no seed asks for them to
 * be drawn; as `expectFinite` does for given values
 */
export function expectWhole({ parameters }: Graph, { state, seed }: CompileOptions): void {
  if (state === undefined) return;
  for (const { name } of parameters) if (state[name]) expectFinite(name, state[name]);
  if (seed !== undefined) return;
  const ofNetwork = parameters.filter(({ role }) => role === "weight" || role === "statistic");
  const absent = ofNetwork.filter(({ name }) => !state[name]).map(({ name }) => name);
  if (absent.length === 0) return;
  const named = `${absent.slice(0, 3).join(", ")}${absent.length > 3 ? ", …" : ""}`;
  throw missing(
    `state of ${absent.length} of ${ofNetwork.length} weights and statistics (${named})`,
    "give them too, or a seed to draw them from",
  );
}
