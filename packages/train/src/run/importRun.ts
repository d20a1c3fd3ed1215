import { rmSync } from "node:fs";
import { buildModel, type ModelSpec, parseDocument, RegnetError, type Tensors } from "@regnet/core";
import { chooseEngine } from "@regnet/engine";
import { namedRecipes } from "../recipe/read.js";
import { cardOf } from "../use/card.js";
import { writeNewWeights } from "./checkpoint.js";
import { environmentOf } from "./environment.js";
import { makeFolder } from "./files.js";
import { RunLayout } from "./layout.js";
import { isRun, type RunSpec, remainsOfRun, runSpecSchema, writeRunSpec } from "./spec.js";

/** A network that was trained elsewhere. */
export interface NetworkToImport {
  readonly model: ModelSpec;
  /** Its published name. */
  readonly name?: string;
  /** By our names, as `importWeights` gives them. */
  readonly weights: Tensors;
  /** Pixels a side. */
  readonly resolution: number;
  readonly channels: number;
  /** Class names, in the order of the logits. */
  readonly classes: readonly string[];
  /** What the images are normalised by, of values scaled to 0…1. */
  readonly normalisation: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Share of the shorter side that the network looks at; default 0.875. */
  readonly crop?: number;
  /** Where it came from: a file, a name on a hub. */
  readonly source: string;
}

/**
 * Makes a run's folder of a network that was trained elsewhere, so that `evaluate`, `load`, `train({ from })` and
 * exports take it like any other. The run says that it has seen no images; its weights are written before its spec.
 *
 * @throws RegnetError when the folder holds a run already, or for a network that a run cannot be of
 */
export function importRun(folder: string, network: NetworkToImport): RunSpec {
  if (isRun(folder))
    throw new RegnetError(`${folder} holds a run already; give another folder (-o)`, "invalid", folder);
  const layout = new RunLayout(folder);
  const spec = parseDocument(runSpecSchema, specOf(network), "network");
  const card = cardOf(spec);
  const { resolution, channels, classes } = spec;
  const graph = buildModel(spec.model, { resolution, channels, classes: classes.length });
  makeFolder(layout.checkpoints);
  if (!writeNewWeights(layout.best, graph, network.weights, card)) throw remainsOfRun(folder, layout.best);
  try {
    writeRunSpec(folder, spec);
  } catch (error) {
    rmSync(layout.best);
    throw error;
  }
  return spec;
}

function specOf(network: NetworkToImport): RunSpec {
  const { model, name, resolution, channels, classes, normalisation, crop = 0.875, source } = network;
  const { quick } = namedRecipes;
  return {
    version: 1,
    created: new Date().toISOString(),
    model,
    name,
    resolution,
    channels,
    classes: [...classes],
    normalisation: { mean: [...normalisation.mean], std: [...normalisation.std] },
    data: { name: `imported from ${source}`, fingerprint: "none", train: 0, val: 0 },
    recipe: { ...quick, augmentation: { ...quick.augmentation, evaluationCrop: crop } },
    seed: 0,
    precision: "fp32",
    evaluateEpochs: 1,
    environment: environmentOf(chooseEngine("auto"), undefined),
  };
}
