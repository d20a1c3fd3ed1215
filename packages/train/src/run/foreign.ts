import { type ImportedWeights, importWeights, type ModelSpec, readWeights, type Safetensors } from "@regnet/core";
import { CARD_KEY, type NetworkCard, readCard } from "../use/card.js";
import { naming } from "./files.js";
import { downloadWeights, isHubName } from "./hub.js";
import { readWeightsFile } from "./weightsFile.js";

/** A network read from a file of weights, whoever wrote it. */
export interface ForeignNetwork {
  /** What the file says of itself, if it is one of regnet's own. */
  readonly card?: NetworkCard;
  readonly imported: ImportedWeights;
}

/**
 * Reads weights under any known naming, and tells their network.
 * @param source a .safetensors, .pth or .pyth file, or `hf:owner/name`
 * @param model the network they are for; default what the file says of itself, else told from their shapes
 * @throws RegnetError when they are missing, unreadable or of another network; nothing of the file is executed
 */
export async function readForeign(source: string, model?: ModelSpec): Promise<ForeignNetwork> {
  const { tensors, metadata } = isHubName(source) ? await fromHub(source) : await readWeightsFile(source);
  const card = metadata[CARD_KEY] === undefined ? undefined : readCard(metadata, source);
  return naming(source, () => ({ card, imported: importWeights(tensors, { model: model ?? card?.model }) }));
}

async function fromHub(source: string): Promise<Safetensors> {
  return readWeights((await downloadWeights(source)).bytes);
}
