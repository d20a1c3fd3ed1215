import { invalid, modelSpecSchema, parseDocument, RegnetError } from "@regnet/core";
import * as z from "zod";
import { evaluationCrop } from "../augment/schema.js";
import type { RunSpec } from "../run/spec.js";

const cardSchema = z.strictObject({
  model: modelSpecSchema,
  /** Pixels a side. */
  resolution: z.int().min(1).max(4096),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** In the order of the logits. */
  classes: z.array(z.string().max(1000)).min(1).max(1_000_000),
  /** What the images are normalised by, of values scaled to 0…1. */
  normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) }),
  /** Share of the shorter side that the network looks at. */
  crop: z.number().min(0.1).max(1),
});

/** All that is needed to classify an image with a network: it travels in the metadata of weights and ONNX files. */
export type NetworkCard = z.output<typeof cardSchema>;

/** The key that a card stands under in a file's metadata. */
export const CARD_KEY = "regnet.card";
const FORMATS = "the file was not written by regnet, or is damaged";

/** The card of a run's network. @throws RegnetError for a network of other than one or three channels */
export function networkCard({ model, resolution, channels, classes, normalisation, recipe }: RunSpec): NetworkCard {
  const crop = evaluationCrop(recipe.augmentation);
  if (channels !== 1 && channels !== 3) throw invalid("channels", channels, "1 or 3, as images have");
  return { model, resolution, channels, classes, normalisation, crop };
}

/** A run's card as a file's metadata. */
export function cardOf(spec: RunSpec): Record<string, string> {
  return cardMetadata(networkCard(spec));
}

/** A card as a file's metadata. */
export function cardMetadata(card: NetworkCard): Record<string, string> {
  return { [CARD_KEY]: JSON.stringify(card) };
}

/** The card in a file's metadata. @throws RegnetError when there is none, or it is damaged */
export function readCard(metadata: Readonly<Record<string, string>>, file: string): NetworkCard {
  const text = metadata[CARD_KEY];
  if (text === undefined) {
    throw new RegnetError(`missing classes and normalisation in ${file}: ${FORMATS}`, "missing", file);
  }
  return parseDocument(cardSchema, parseJson(text, file), `metadata of ${file}`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RegnetError(`corrupt metadata of ${file}: ${FORMATS}`, "corrupt", file);
  }
}
