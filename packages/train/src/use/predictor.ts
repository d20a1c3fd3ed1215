import { buildModel, type Tensors } from "@regnet/core";
import { chooseEngine, type Engine, type EngineId, type Precision } from "@regnet/engine";
import type { NetworkCard } from "./card.js";

/** How a network is run. */
export interface RunningOptions {
  /** Default "auto", the fastest that this machine has. An ONNX file always runs on ONNX Runtime. */
  readonly engine?: "auto" | EngineId | Engine;
  readonly threads?: number;
  /** Default "fp32". */
  readonly precision?: Precision;
}

/** A network made ready for batches of a fixed size, one at a time: calls must not overlap. */
export interface Predictor {
  readonly batch: number;
  /** @param images batch×C×H×W, normalised. @returns batch×classes, valid until the next call */
  predict(images: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

/** A network from its card and weights, on one of our engines. */
export async function weightsPredictor(
  card: NetworkCard,
  weights: Tensors,
  batch: number,
  { engine = "auto", threads, precision }: RunningOptions,
): Promise<Predictor> {
  const { resolution, channels, classes } = card;
  const graph = buildModel(card.model, { batch, resolution, channels, classes: classes.length });
  const chosen = typeof engine === "string" ? chooseEngine(engine) : engine;
  const executable = await chosen.compile(graph, { threads, precision, state: weights });
  return {
    batch,
    async predict(images) {
      executable.input("image").set(images);
      await executable.run();
      return executable.output("logits");
    },
    dispose: () => executable.dispose(),
  };
}
