import {
  buildModel,
  differentiate,
  exportWeights,
  findModel,
  type Graph,
  initialise,
  type ModelSpec,
  type RegNetModel,
  randomFor,
  regnetSpec,
  size,
  type Tensors,
  type TensorToStore,
  uniform,
} from "@regnet/core";
import { beforeAll, describe, expect, it } from "vitest";
import { engines } from "../../choose.js";
import type { Engine } from "../../engine.js";
import { norm, relativeDistance } from "../contract/compare.js";
import { LIMITS } from "../engineContract.js";
import { askTorch } from "./askTorch.js";

const CLASSES = 10;
const BATCH = 4;

interface Network {
  readonly name: string;
  readonly spec: ModelSpec;
  readonly resolution: number;
  /** What torchvision is asked to build. */
  readonly question: unknown;
}

const regnetOf = (name: string, spec: RegNetModel, resolution: number): Network => {
  const { stages, se = 0 } = regnetSpec(spec, spec);
  return { name, spec, resolution, question: { se, stages: stages.map((stage) => ({ bottleneck: 1, ...stage })) } };
};
const published = (name: string) => findModel(name).spec as RegNetModel;
const base = { family: "regnet", w0: 24, wa: 24, wm: 2.2, depth: 8, groupWidth: 8 } as const;

const networks: readonly Network[] = [
  regnetOf("RegNetX-400MF", published("RegNetX-400MF"), 64),
  regnetOf("RegNetY-400MF", published("RegNetY-400MF"), 64),
  regnetOf("bottlenecked RegNet", { ...base, bottleneck: 2, se: 0.25 }, 64),
  regnetOf("2-stage RegNet", { ...base, wa: 32, wm: 2.5, depth: 5 }, 32),
  {
    name: "ConvNeXt-Tiny",
    spec: { ...findModel("convnext_tiny").spec, dropPath: 0, layerScale: 0.1 } as ModelSpec,
    resolution: 32,
    question: { model: "convnext_tiny" },
  },
];

/** Initial weights, but running statistics, biases and scales that are not trivial. */
function weightsOf(graph: Graph): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(initialise(graph, 1)).map(([name, values]) => {
      const random = randomFor(2, name);
      const draw = (low: number, high: number) => values.map(() => low + (high - low) * uniform(random));
      if (/\bbn\.bias$/.test(name)) return [name, draw(1.5, 2.5)];
      if (/running_var$|\bbn\.weight$/.test(name)) return [name, draw(0.5, 1.5)];
      if (/running_mean$|\.bias$/.test(name)) return [name, draw(-0.2, 0.2)];
      return [name, values];
    }),
  );
}

function batchOf({ resolution }: Network): Record<"image" | "target", TensorToStore> {
  const random = randomFor(3, "batch");
  const image = Float32Array.from({ length: BATCH * 3 * resolution ** 2 }, () => 2 * uniform(random) - 1);
  const target = Float32Array.from({ length: BATCH * CLASSES }, (_, i) => Number(i % (CLASSES + 3) === 0));
  return {
    image: { shape: [BATCH, 3, resolution, resolution], data: image },
    target: { shape: [BATCH, CLASSES], data: target },
  };
}

/** What an engine makes of the same question, under torchvision's names. */
async function ourAnswer(engine: Engine, forward: Graph, weights: Tensors, batch: ReturnType<typeof batchOf>) {
  const image = batch.image.data as Float32Array;
  const inference = await engine.compile(forward, { state: weights });
  inference.input("image").set(image);
  await inference.run();
  const logits = inference.output("logits").slice();
  inference.dispose();

  const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 } as const;
  const graph = differentiate(forward, { kind: "softmaxCrossEntropy" }, sgd, { gradients: true });
  const training = await engine.compile(graph, { state: weights });
  const losses: number[] = [];
  let gradients: Tensors = {};
  for (let step = 0; step < 3; step++) {
    training.input("image").set(image);
    training.input("target").set(batch.target.data as Float32Array);
    training.input("learningRate")[0] = 0.01;
    await training.run();
    losses.push(training.output("loss")[0]);
    if (step === 0) gradients = mapParameters(forward, (name) => training.output(`gradient:${name}`).slice());
  }
  const after = mapParameters(forward, (name) => training.read(name));
  training.dispose();
  return { logits, losses, gradients, after };
}

/** A tensor for every weight, and for every statistic where `read` has one. */
function mapParameters(graph: Graph, read: (name: string) => Float32Array): Tensors {
  return Object.fromEntries(
    graph.parameters.map(({ name, role, value }) => {
      const values = role === "weight" ? read(name) : statistic(name, read);
      return [name, values ?? new Float32Array(size(value.shape))];
    }),
  );
}

function statistic(name: string, read: (name: string) => Float32Array): Float32Array | undefined {
  try {
    return read(name);
  } catch {
    return undefined;
  }
}

describe.each(networks)("$name", (network) => {
  const forward = buildModel(network.spec, { batch: BATCH, resolution: network.resolution, classes: CLASSES });
  const weights = weightsOf(forward);
  const batch = batchOf(network);
  const theirs = (tensors: Tensors) => exportWeights(forward, tensors, "torchvision");
  const prefixed = (prefix: string) => Object.keys(expected).filter((name) => name.startsWith(prefix));
  let expected: Record<string, Float64Array>;
  let gradientNorm: number;

  beforeAll(() => {
    expected = askTorch(network.question, { ...theirs(weights), ...batch }) as Record<string, Float64Array>;
    gradientNorm = norm(prefixed("gradient:").map((name) => norm(expected[name])));
  });

  it("has a gradient of every weight in PyTorch's answer", () => {
    expect(prefixed("gradient:")).toHaveLength(forward.parameters.filter(({ role }) => role === "weight").length);
  });

  it.each(engines.filter((engine) => engine.probe().available))("on $id agrees with PyTorch", async (engine) => {
    const ours = await ourAnswer(engine, forward, weights, batch);
    const far: Record<string, number> = {};
    const check = (name: string, actual: ArrayLike<number>, floor = 0) => {
      const distance = relativeDistance(actual, expected[name], floor);
      if (!(distance <= LIMITS.network)) far[name] = distance;
    };
    check("logits", ours.logits);
    check("losses", ours.losses);
    const [gradients, after] = [theirs(ours.gradients), theirs(ours.after)];
    for (const name of prefixed("gradient:")) {
      check(name, gradients[name.slice("gradient:".length)].data as Float32Array, gradientNorm / 1000);
    }
    for (const name of prefixed("after:")) {
      if (!name.endsWith("num_batches_tracked")) check(name, after[name.slice("after:".length)].data as Float32Array);
    }
    expect(far).toEqual({});
  });
});
