import {
  anynet,
  convnext,
  differentiate,
  type Graph,
  initialise,
  type Optimiser,
  randomFor,
  regnet,
  size,
  uniform,
} from "@regnet/core";

/** A training graph with the numbers it is run on. */
export interface NetworkCase {
  readonly name: string;
  /** Whether its activations have no kink, so that finite differences mean something. */
  readonly smooth: boolean;
  readonly forward: Graph;
  readonly training: Graph;
  readonly state: Readonly<Record<string, Float32Array>>;
  readonly inputs: Readonly<Record<string, Float32Array>>;
}

const SGD: Optimiser = { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 5e-5 };
const BATCH = 4;
const CLASSES = 7;

/** The forward graphs: each kind of network the families build, at sizes a plain loop can follow. */
const FORWARD: Readonly<Record<string, () => Graph>> = {
  "RegNetX of 4 stages": () =>
    regnet({ w0: 16, wa: 10, wm: 1.5, depth: 5, groupWidth: 8 }, { ...small(24), stemWidth: 8 }),
  "RegNetY of 2 stages": () =>
    regnet({ w0: 16, wa: 16, wm: 2, depth: 3, groupWidth: 8, se: 0.25 }, { ...small(16), stemWidth: 8 }),
  "bottlenecked RegNet with silu": () =>
    anynet(
      { stages: [stage(1, 24, 4, 2), stage(2, 40, 5, 2)], stemWidth: 12, stem: "cifar", activation: "silu" },
      small(10),
    ),
  "RegNetZ with a wide head": () =>
    anynet(
      { stages: [stage(2, 12, 8, 0.5)], se: 0.25, linear: true, headWidth: 20, stemWidth: 8, activation: "silu" },
      small(12),
    ),
  "ConvNeXt of 2 stages": () =>
    convnext({ depths: [1, 2], widths: [8, 20], stem: "cifar", layerScale: 0.5, dropPath: 0.2 }, small(8)),
};

function small(resolution: number) {
  return { resolution: [resolution, resolution - 1] as const, classes: CLASSES, batch: BATCH };
}

function stage(depth: number, width: number, groupWidth: number, bottleneck: number) {
  return { depth, width, groupWidth, bottleneck };
}

/** Networks under SGD with momentum, weight decay, label smoothing, clipping and averaging. */
export function networkCases(): NetworkCase[] {
  return Object.entries(FORWARD).map(([name, build]) => networkCase(name, build()));
}

/** A network of one block under plain SGD, for tests of behaviour. */
export function plainNetwork(): NetworkCase {
  const forward = anynet({ stages: [stage(1, 16, 8, 1)], stemWidth: 8 }, small(12));
  const training = differentiate(forward, { kind: "softmaxCrossEntropy" }, SGD);
  return {
    name: "plain",
    smooth: false,
    forward,
    training,
    state: startingState(training),
    inputs: inputsOf(training),
  };
}

function networkCase(name: string, forward: Graph): NetworkCase {
  const options = { gradients: true, average: true, clipNorm: 5 };
  const training = differentiate(forward, { kind: "softmaxCrossEntropy", labelSmoothing: 0.1 }, SGD, options);
  const smooth = !forward.nodes.some(({ op }) => op === "relu");
  return { name, smooth, forward, training, state: startingState(training), inputs: inputsOf(training) };
}

/** Initial weights, but batch norms that scale and shift, and leave most units of a ReLU on its slope. */
function startingState(graph: Graph): Record<string, Float32Array> {
  const state = initialise(graph, 3);
  for (const name of Object.keys(state)) {
    const random = randomFor(4, name);
    if (/\bbn\.bias$/.test(name)) state[name] = state[name].map(() => 0.5 + uniform(random));
    if (/\bbn\.weight$/.test(name)) state[name] = state[name].map(() => 0.5 + uniform(random));
  }
  return state;
}

function inputsOf(graph: Graph): Record<string, Float32Array> {
  return Object.fromEntries(
    graph.inputs.map(({ name, value }) => {
      const random = randomFor(5, name);
      return [name, Float32Array.from({ length: size(value.shape) }, (_, i) => inputAt(name, i, uniform(random)))];
    }),
  );
}

function inputAt(name: string, index: number, draw: number): number {
  if (name === "learningRate") return 0.05;
  if (name === "averageShare") return 0.1;
  if (name === "target") return Number(index % CLASSES === Math.floor(index / CLASSES) % CLASSES);
  if (name.startsWith("dropPath:")) return index % 2 ? 0 : 1.25;
  return 2 * draw - 1;
}
