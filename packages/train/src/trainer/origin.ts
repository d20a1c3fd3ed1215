import type { ModelSpec, Tensors } from "@regnet/core";
import { readForeign } from "../run/foreign.js";
import { isRun, readRunSpec } from "../run/spec.js";
import type { NetworkCard } from "../use/card.js";
import { openNetwork } from "../use/network.js";

/** A network that a fine-tuning starts from. */
export interface Origin {
  readonly model: ModelSpec;
  /** The published name, if it has one. */
  readonly name?: string;
  /** By timm's names. */
  readonly weights: Tensors;
  /** Names of its classes, where they are known. */
  readonly classes?: readonly string[];
  /** What a person should know of it. */
  readonly note: string;
}

const ONNX = /\.onnx$/i;

/**
 * Reads a network to start from.
 * @param source a run's folder, an exported .onnx, a .safetensors, .pth or .pyth file under any known naming, or
 *   `hf:owner/name`
 * @param model the network it should be, where a file of weights does not say
 * @throws RegnetError when it cannot be read
 */
export async function readOrigin(source: string, model?: ModelSpec): Promise<Origin> {
  if (isRun(source) || ONNX.test(source)) return fromStored(source);
  const { card, imported } = await readForeign(source, model);
  const { naming, name, spec, weights } = imported;
  const colours = naming === "pycls" ? "; blue, green, red became red, green, blue" : "";
  const note = `starts from ${source}: ${name ?? spec.family} under ${naming}'s names${colours}`;
  return { model: spec, name, weights, classes: namesOf(card), note };
}

function fromStored(source: string): Origin {
  const network = openNetwork(source);
  const { model } = network.card;
  const name = isRun(source) ? readRunSpec(source).name : undefined;
  const note = `starts from ${source}: ${name ?? model.family}`;
  return { model, name, weights: network.weights(), classes: namesOf(network.card), note };
}

/** Names that people gave; an import without names counts its classes. */
function namesOf(card: NetworkCard | undefined): readonly string[] | undefined {
  return card?.classes.some((name, i) => name !== String(i)) ? card.classes : undefined;
}
