import type { Graph } from "@regnet/core";
import type { Executable } from "@regnet/engine";
import { Random } from "../data/random.js";

const PREFIX = "dropPath:";
const PURPOSE = 0x64726f70;

/** A drop-path's input in a training graph, with its rate. */
export interface DropPathInput {
  readonly name: string;
  readonly rate: number;
}

/** The drop-path inputs of a training graph; the rates stand in the inference graph it was made from. */
export function dropPathInputs(training: Graph, inference: Graph): DropPathInput[] {
  const rates = new Map(
    inference.nodes.filter(({ op }) => op === "dropPath").map(({ name, attributes }) => [name, attributes.rate]),
  );
  return training.inputs
    .filter(({ name }) => name.startsWith(PREFIX))
    .map(({ name }) => ({ name, rate: Number(rates.get(name.slice(PREFIX.length))) }));
}

/** Draws the masks of a step: each image skips a block with the block's rate, and the others make up for it. */
export function drawDropPaths(
  executable: Executable,
  inputs: readonly DropPathInput[],
  seed: number,
  step: number,
): void {
  for (const [i, { name, rate }] of inputs.entries()) {
    const random = new Random(seed, PURPOSE, step, i);
    const mask = executable.input(name);
    for (let n = 0; n < mask.length; n++) mask[n] = random.chance(rate) ? 0 : 1 / (1 - rate);
  }
}
