import { existsSync } from "node:fs";
import { buildModel, initialise, type NetworkToExport } from "@regnet/core";
import { UsageError } from "../errors.js";
import { imageNet } from "../import/imageNet.js";
import { type ChosenModel, chooseModel, type ModelFlags } from "../model.js";
import { optionName } from "../optionName.js";

export interface SourceFlags extends ModelFlags {
  /** A file with the weights of a MODEL. */
  weights?: string;
  seed?: number;
}

/** A network to export, with a name for people and for default file names. */
export interface ExportSource {
  readonly name: string;
  readonly network: NetworkToExport;
}

/** What MODEL|RUN and the options name: a trained network on the disk, or a model with initial or given weights. */
export async function exportSource(given: string | undefined, flags: SourceFlags): Promise<ExportSource> {
  const trained = given !== undefined && existsSync(given) && !given.endsWith(".json");
  return trained ? fromDisk(given, flags) : fromModel(given, flags);
}

const TRAINED_FLAGS = new Set(["res", "format", "names", "output", "json"]);

async function fromDisk(source: string, flags: SourceFlags): Promise<ExportSource> {
  const { cardMetadata, openNetwork } = await import("@regnet/train");
  const other = Object.keys(flags).find((flag) => !TRAINED_FLAGS.has(flag));
  if (other) throw new UsageError(`${optionName(other)} does not apply to ${source}, which is a trained network`);
  const stored = openNetwork(source);
  const card = withResolution(stored.card, flags.res);
  const { model: spec, channels, classes, resolution } = card;
  const options = { resolution, channels, classes: classes.length };
  const name = source
    .replace(/[/\\]+$/, "")
    .replace(/\.(?:onnx|safetensors)$/i, "")
    .split(/[/\\]/)
    .at(-1);
  return { name: name ?? source, network: { spec, options, weights: stored.weights(), metadata: cardMetadata(card) } };
}

async function fromModel(given: string | undefined, flags: SourceFlags): Promise<ExportSource> {
  const { spec, name = "network", options: asked } = await chooseModel(given, flags);
  const loaded = flags.weights === undefined ? undefined : await weightsFor(spec, flags.weights);
  const options = { resolution: 224, channels: 3, classes: 1000, ...asked, ...loaded?.options };
  const weights = loaded?.weights ?? initialise(buildModel(spec, options), flags.seed ?? 0);
  return { name, network: { spec, options, weights, metadata: await untrainedCard(spec, options) } };
}

async function weightsFor(model: ChosenModel["spec"], file: string) {
  const { readForeign } = await import("@regnet/train");
  const { options, weights } = (await readForeign(file, model)).imported;
  return { options, weights };
}

/** What `predict` needs, where a card can say it: square images of one or three channels. Classes have numbers for names. */
async function untrainedCard(
  model: NetworkToExport["spec"],
  { resolution, channels, classes }: NetworkToExport["options"],
): Promise<Record<string, string> | undefined> {
  const { cardMetadata } = await import("@regnet/train");
  const side = typeof resolution === "number" ? resolution : resolution[0];
  const square = typeof resolution === "number" || resolution[1] === side;
  if (!square || (channels !== 1 && channels !== 3)) return undefined;
  const names = Array.from({ length: classes }, (_, i) => String(i));
  return cardMetadata({ model, resolution: side, channels, classes: names, ...imageNet(channels) });
}

function withResolution<Card extends { resolution: number }>(card: Card, res: ModelFlags["res"]): Card {
  if (!res) return card;
  if (res[0] !== res[1]) throw new UsageError("invalid --res: a trained network takes square images");
  return { ...card, resolution: res[0] };
}
