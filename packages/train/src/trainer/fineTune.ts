import { existsSync, statSync } from "node:fs";
import { type Graph, invalid, missing, RegnetError, size, type Tensors } from "@regnet/core";
import { RunLayout } from "../run/layout.js";
import { readWeights } from "../run/read.js";
import { isRun } from "../run/spec.js";
import { adaptInput } from "./adaptInput.js";
import type { FineTuneOptions } from "./options.js";
import { inferenceGraph, type Setup } from "./setup.js";

/** The classifier's parameters. */
const HEAD = /^head\.fc\./;

/**
 * The weights that a fine-tuning starts from, fitted to the network: the input convolution to the images' channels, the
 * head left to its random start where the classes are others.
 * @throws RegnetError for weights of another network
 */
export function startingWeights(from: FineTuneOptions, setup: Setup, note: (text: string) => void = () => {}): Tensors {
  const given = typeof from.weights === "string" ? readFrom(from.weights) : from.weights;
  return fitWeights(given, inferenceGraph(setup, 1), from.newHead ?? false, note);
}

/** `startingWeights` for a graph. */
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
  if (fresh.length > 0) note("the head starts anew: its classes are others");
  return fitted;
}

function readFrom(path: string): Tensors {
  if (!existsSync(path)) throw missing(`weights ${path}`, "give a run's folder or a .safetensors file");
  if (isRun(path)) return readWeights(new RunLayout(path).best);
  if (statSync(path).isDirectory()) throw missing(`run in ${path}`, "give a run's folder or a .safetensors file");
  if (!path.endsWith(".safetensors")) {
    throw new RegnetError(
      `invalid weights: got ${path}, expected a run or a .safetensors file; read others with regnet import`,
    );
  }
  return readWeights(path);
}
