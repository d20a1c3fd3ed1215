import { buildModel, differentiate, initialise, type ModelSpec } from "@regnet/core";
import { chooseEngine, type Engine, type EngineId, type Precision } from "@regnet/engine";
import { readRecipe } from "../recipe/read.js";
import type { Recipe, RecipeInput } from "../recipe/schema.js";
import { probeStep } from "./start.js";

/** What a training's speed depends on. */
export interface MeasureTrainingOptions {
  readonly model: ModelSpec;
  readonly recipe?: string | Recipe | RecipeInput | Record<string, unknown>;
  readonly engine?: "auto" | EngineId | Engine;
  /** `auto`: the faster one. */
  readonly precision?: Precision | "auto";
  /** Default: the engine's. */
  readonly threads?: number;
  /** Pixels a side, channels, classes, and how many training images there are. */
  readonly resolution: number;
  readonly channels: number;
  readonly classes: number;
  readonly images: number;
}

export interface TrainingSpeed {
  readonly engine: EngineId;
  readonly precision: Precision;
  readonly batch: number;
  readonly imagesPerSecond: number;
}

/** bfloat16 is taken where a step takes less than this share of its time in float32: it has fewer digits. */
const WORTH = 0.9;

/** Takes a few training steps on images of nothing: a second or less. */
export async function measureTraining(options: MeasureTrainingOptions): Promise<TrainingSpeed> {
  const recipe = await readRecipe(options.recipe ?? "quick");
  const { engine: wanted = "auto" } = options;
  const engine = typeof wanted === "string" ? chooseEngine(wanted) : wanted;
  const batch = Math.min(recipe.batch, options.images);
  const { precision: asked = "fp32", threads } = options;
  const graph = graphOf(options, recipe, batch);
  const state = initialise(graph, 0);
  const seconds = async (precision: Precision) => {
    const executable = await engine.compile(graph, { threads, precision, state });
    try {
      return await probeStep(executable);
    } finally {
      executable.dispose();
    }
  };
  const speed = (precision: Precision, step: number) => ({
    ...{ engine: engine.id, precision, batch },
    imagesPerSecond: batch / step,
  });
  if (asked !== "auto") return speed(asked, await seconds(asked));
  const found = engine.probe();
  const single = await seconds("fp32");
  if (!found.available || !found.precisions.includes("bf16")) return speed("fp32", single);
  const half = await seconds("bf16");
  return half < WORTH * single ? speed("bf16", half) : speed("fp32", single);
}

function graphOf({ model, resolution, channels, classes }: MeasureTrainingOptions, recipe: Recipe, batch: number) {
  const graph = buildModel(model, { batch, resolution, channels, classes });
  const { labelSmoothing, clipNorm, average, decay, optimiser } = recipe;
  return differentiate(graph, { kind: "softmaxCrossEntropy", labelSmoothing }, optimiser, {
    clipNorm,
    average: average !== undefined,
    decays: ({ value }) => decay === "all" || value.shape.length > 1,
  });
}
