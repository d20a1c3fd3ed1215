import { backward, buildModel, type Graph, RegnetError, trainingForward } from "@regnet/core";
import { chooseEngine, type Executable } from "@regnet/engine";
import type { StoredNetwork } from "./network.js";
import type { RunningOptions } from "./predictor.js";

/** Where a network looks for a class. */
export interface SaliencyMap {
  /** Index of the class. */
  readonly label: number;
  readonly height: number;
  readonly width: number;
  /** height×width, 0…1: how much each place speaks for the class. */
  readonly values: Float32Array;
}

/**
 * Grad-CAM (arXiv 1610.02391): the last feature maps, weighted by the mean gradient of the class's logit for each, and
 * what is positive of their sum. The gradients are the core's own.
 */
export class Saliency {
  private constructor(
    private readonly executable: Executable,
    private readonly height: number,
    private readonly width: number,
  ) {}

  /** @throws RegnetError for a network whose weights are not float32 */
  static async create(network: StoredNetwork, { engine = "auto", threads }: RunningOptions): Promise<Saliency> {
    const { card } = network;
    const { resolution, channels, classes } = card;
    const graph = saliencyGraph(buildModel(card.model, { batch: 1, resolution, channels, classes: classes.length }));
    const weights = network.weights();
    const absent = graph.parameters.find(({ name }) => !weights[name]);
    if (absent) {
      throw new RegnetError(
        `unsupported saliency of ${network.source}: it does not hold ${absent.name} as float32`,
        "unsupported",
      );
    }
    const chosen = typeof engine === "string" ? chooseEngine(engine) : engine;
    const executable = await chosen.compile(graph, { threads, state: weights });
    for (const { name } of graph.inputs) if (name.startsWith("dropPath:")) executable.input(name).fill(1);
    const [, , height, width] = graph.outputs.find(({ name }) => name === "features")!.value.shape;
    return new Saliency(executable, height, width);
  }

  /** @param image C×H×W, normalised */
  async map(image: Float32Array, label: number): Promise<SaliencyMap> {
    this.executable.input("image").set(image);
    this.executable.input("seed").fill(0)[label] = 1;
    await this.executable.run();
    const [features, gradient] = [this.executable.output("features"), this.executable.output("gradient")];
    const { height, width } = this;
    return { label, height, width, values: weighted(features, gradient, height * width) };
  }

  dispose(): void {
    this.executable.dispose();
  }
}

/** Inputs `image` and `seed` [1,classes]; outputs `features`, the input of the last pooling, and their `gradient`. */
export function saliencyGraph(graph: Graph): Graph {
  const { builder, map } = trainingForward(graph, () => true);
  const pooling = graph.nodes.filter(({ op }) => op === "globalAveragePool").pop();
  const logits = graph.outputs.find(({ name }) => name === "logits");
  if (!pooling || !logits) throw new RegnetError("unsupported saliency: the network has no pooling", "unsupported");
  const features = map(pooling.inputs[0]);
  const { nodes } = builder.build();
  const seed = builder.input("seed", logits.value.shape);
  const gradient = backward(builder, nodes, [[map(logits.value), seed]], [features]).of(features);
  if (!gradient) throw new RegnetError("unsupported saliency: the logits do not depend on the features", "unsupported");
  builder.output("features", features);
  builder.output("gradient", gradient);
  return builder.build();
}

function weighted(features: Float32Array, gradient: Float32Array, area: number): Float32Array {
  const sum = new Float64Array(area);
  for (let from = 0; from < features.length; from += area) {
    const weight = gradient.subarray(from, from + area).reduce((a, b) => a + b, 0) / area;
    for (let i = 0; i < area; i++) sum[i] += weight * features[from + i];
  }
  const highest = sum.reduce((a, b) => Math.max(a, b), 0);
  return Float32Array.from(sum, (value) => (highest > 0 ? Math.max(0, value) / highest : 0));
}
