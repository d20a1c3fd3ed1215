import { existsSync, readFileSync, statSync } from "node:fs";
import {
  buildModel,
  importWeights,
  invalid,
  missing,
  RegnetError,
  readOnnx,
  readOnnxWeights,
  readSafetensors,
  type Tensors,
} from "@regnet/core";
import { naming } from "../run/files.js";
import { RunLayout } from "../run/layout.js";
import { isRun } from "../run/spec.js";
import { type NetworkCard, readCard } from "./card.js";
import { onnxPredictor } from "./onnxPredictor.js";
import { type Predictor, type RunningOptions, weightsPredictor } from "./predictor.js";

/** A trained network as it lies on the disk. */
export interface StoredNetwork {
  readonly source: string;
  readonly kind: "weights" | "onnx";
  readonly card: NetworkCard;
  /** By timm's names. @throws RegnetError for an ONNX file that does not hold them, such as a quantised one */
  weights(): Tensors;
  /** Makes it ready for batches of this size. */
  predictor(batch: number, options: RunningOptions): Promise<Predictor>;
}

const LIMIT = 2 ** 31;

/**
 * A network from a run's folder (its best weights), a `.safetensors` file of a run, or an exported `.onnx` file.
 * @throws RegnetError when there is none, or when it does not say what its classes are
 */
export function openNetwork(source: string): StoredNetwork {
  if (!existsSync(source)) throw missing(`network ${source}`, "give a run's folder, an .onnx or a .safetensors file");
  if (isRun(source)) return fromWeights(source, new RunLayout(source).best);
  const stats = statSync(source);
  if (!stats.isFile()) throw missing(`run in ${source}`, "give a run's folder, an .onnx or a .safetensors file");
  if (stats.size > LIMIT) throw new RegnetError(`invalid network: ${source} is larger than 2 GiB`);
  if (/\.safetensors$/i.test(source)) return fromWeights(source, source);
  if (/\.onnx$/i.test(source)) return fromOnnx(source);
  throw new RegnetError(
    `invalid network: got ${source}, expected a run's folder, an .onnx or a .safetensors file; read others with regnet import`,
  );
}

function fromWeights(source: string, path: string): StoredNetwork {
  if (!existsSync(path)) throw missing(`weights of ${source}`, "its first epoch is not finished; go on with --resume");
  const { tensors, metadata } = naming(path, () => readSafetensors(readFileSync(path)));
  const card = readCard(metadata, path);
  const weights = () => naming(path, () => importWeights(tensors, { model: card.model }).weights);
  return {
    source,
    kind: "weights",
    card,
    weights,
    predictor: (batch, options) => weightsPredictor(card, weights(), batch, options),
  };
}

function fromOnnx(source: string): StoredNetwork {
  const file = readFileSync(source);
  const card = readCard(naming(source, () => readOnnx(file)).metadata, source);
  return {
    source,
    kind: "onnx",
    card,
    weights: () =>
      parametersAmong(
        naming(source, () => readOnnxWeights(file)),
        card,
      ),
    predictor: (batch, { engine = "auto", threads }) => {
      if ((typeof engine === "string" ? engine : engine.id) === "onednn")
        throw invalid("engine", "onednn", "onnxruntime, which runs .onnx files", "or give the run's folder");
      return onnxPredictor(file, card, batch, threads);
    },
  };
}

/** What a file stores besides the network's parameters, such as the constants of its ops, is left out. */
function parametersAmong(stored: Tensors, { model, resolution, channels, classes }: NetworkCard): Tensors {
  const { parameters } = buildModel(model, { resolution, channels, classes: classes.length });
  return Object.fromEntries(parameters.flatMap(({ name }) => (stored[name] ? [[name, stored[name]]] : [])));
}
