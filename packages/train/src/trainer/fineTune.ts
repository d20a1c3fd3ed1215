import { type Graph, invalid, missing, RegnetError, size, type Tensors } from "@regnet/core";
import { adaptInput } from "./adaptInput.js";
import { inferenceGraph, type Setup } from "./setup.js";

/** The classifier's parameters. */
const HEAD = /^head\.fc\./;

/**
 * The weights that a fine-tuning starts from, fitted to the network: the input convolution to the images' channels, the
 * head left to its random start where the classes are others. Undefined where nothing is fine-tuned.
 * @throws RegnetError for weights that cannot be read, or of another network
 */
export async function startingWeights(setup: Setup, note: (text: string) => void): Promise<Tensors | undefined> {
  if (!setup.fineTuning) return undefined;
  const { options, origin } = setup.fineTuning;
  const { weights, classes, note: about } = await origin();
  note(about);
  const others = classes !== undefined && !sameNames(classes, setup.dataSet.classes);
  const fitted = fitWeights(weights, inferenceGraph(setup, 1), options.newHead === true || others, note);
  if (!classes && "head.fc.weight" in fitted) {
    note("the head is kept: it has as many classes, whatever their names; --new-head starts it anew");
  }
  return fitted;
}

/** Weights fitted to a graph's parameters. @param newHead leaves the head out even where it would fit */
export function fitWeights(
  given: Tensors,
  graph: Graph,
  newHead: boolean,
  note: (text: string) => void,
): Record<string, Float32Array> {
  const fitted: Record<string, Float32Array> = {};
  const inputWeight = graph.parameters.find(({ value }) => value.shape.length === 4)?.name;
  const fresh: string[] = [];
  for (const { name, value } of graph.parameters) {
    const values = given[name];
    const count = size(value.shape);
    if (HEAD.test(name) && (newHead || values?.length !== count)) {
      fresh.push(name);
    } else if (!values) {
      throw missing(`weights of ${name}`, "these are the weights of another network");
    } else if (values.length === count) {
      fitted[name] = values;
    } else if (name === inputWeight) {
      fitted[name] = adaptInput(values, value.shape, note);
    } else {
      throw invalid(
        `weights of ${name}`,
        values.length,
        `${count} values for shape [${value.shape}]`,
        "they are of another network",
      );
    }
  }
  const known = new Set(graph.parameters.map(({ name }) => name));
  const surplus = Object.keys(given).find((name) => !known.has(name));
  if (surplus) throw new RegnetError(`unknown weights ${surplus}: they are of another network`, "unknown", surplus);
  if (fresh.length > 0) note("the head starts anew");
  return fitted;
}

function sameNames(these: readonly string[], those: readonly string[]): boolean {
  return these.length === those.length && these.every((name, i) => name === those[i]);
}
