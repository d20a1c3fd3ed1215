import { missing, RegnetError } from "../errors.js";
import { backward } from "./backward.js";
import type { GraphBuilder } from "./builder.js";
import type { Graph, Initialiser, Parameter, ParameterRole, Value } from "./graph.js";
import { adamw, gradientClip, movingAverage, sgd, softmaxCrossEntropy } from "./ops/index.js";
import { prune } from "./prune.js";
import { type BatchStatistics, trainingForward } from "./training.js";

/** Mean cross-entropy of softmax over the output `logits` against the input `target` [N, classes], soft or one-hot. */
export interface Loss {
  readonly kind: "softmaxCrossEntropy";
  /** ε of Szegedy et al.; default 0. */
  readonly labelSmoothing?: number;
}

/** Stochastic gradient descent as PyTorch and pycls define it. The velocity of `w` is the parameter `velocity:w`. */
export interface SgdOptimiser {
  readonly kind: "sgd";
  readonly momentum: number;
  readonly nesterov?: boolean;
  readonly weightDecay: number;
}

/** AdamW; needs the input `step` [1], counted from 1. Moments of `w` are the parameters `m:w` and `v:w`. */
export interface AdamwOptimiser {
  readonly kind: "adamw";
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  readonly weightDecay: number;
}

export type Optimiser = SgdOptimiser | AdamwOptimiser;

export interface DifferentiateOptions {
  /** Which weights decay; default all, as the paper's authors do. */
  readonly decays?: (weight: Parameter) => boolean;
  /**
   * Which parameters (by name) do not train. A batch norm all of whose weights are frozen normalises by its running
   * statistics and leaves them alone; what lies in front of it must be frozen, too.
   */
  readonly frozen?: (name: string) => boolean;
  /** Bounds the joint L2 norm of all gradients. */
  readonly clipNorm?: number;
  /** Keeps `ema:<name>` for every weight and running statistic; the share of the new value is the input `averageShare` [1]. */
  readonly average?: boolean;
  /** Adds the outputs `gradient:<weight>`. */
  readonly gradients?: boolean;
}

/**
 * Turns an inference graph with an output `logits` into its training graph: forward pass in training mode, loss,
 * gradients and optimiser as ordinary ops.
 *
 * Inputs: those of `graph`, `target` [N, classes], `learningRate` [1]; `step` [1] for AdamW; `averageShare` [1] with
 * averaging; `dropPath:<node>` [N,1,1,1] for each drop-path with a rate above 0.
 * Outputs: `loss` [1], `logits` [N, classes]. A run updates weights, statistics and optimiser state in place.
 * Without an optimiser nothing is updated: the graph computes loss and (on request) gradients.
 */
export function differentiate(
  graph: Graph,
  loss: Loss,
  optimiser: Optimiser | undefined,
  options: DifferentiateOptions = {},
): Graph {
  const frozen = options.frozen ?? (() => false);
  const { builder, statistics, map } = trainingForward(graph, frozen);
  const output = graph.outputs.find(({ name }) => name === "logits");
  if (!output) throw missing('output "logits"', "differentiate needs a graph whose classifier is named logits");
  const logits = map(output.value);
  const target = builder.input("target", logits.shape);

  const { parameters, nodes } = builder.build();
  const [lossValue, dlogits] = builder.apply(
    softmaxCrossEntropy,
    [logits, target],
    { labelSmoothing: loss.labelSmoothing ?? 0 },
    "loss",
  );
  const weights = parameters.filter(({ name, role }) => role === "weight" && !frozen(name));
  if (weights.length === 0)
    throw new RegnetError("invalid frozen: every weight is frozen, so nothing is left to train");
  const gradients = backward(
    builder,
    nodes,
    [[logits, dlogits]],
    weights.map(({ value }) => value),
  );
  const trained = weights.flatMap((weight) => {
    const gradient = gradients.of(weight.value);
    return gradient ? [{ weight, gradient }] : [];
  });

  builder.output("loss", lossValue);
  builder.output("logits", logits);
  if (options.gradients) {
    for (const { weight, gradient } of trained) builder.output(`gradient:${weight.name}`, gradient);
  }
  if (optimiser) {
    const fresh = new Map<string, Value>();
    appendOptimiser(builder, trained, optimiser, options, fresh);
    appendStatistics(builder, statistics, fresh);
    if (options.average) appendAverages(builder, parameters, fresh);
  }
  return prune(builder.build());
}

interface Trained {
  readonly weight: Parameter;
  readonly gradient: Value;
}

function appendOptimiser(
  builder: GraphBuilder,
  trained: readonly Trained[],
  optimiser: Optimiser,
  options: DifferentiateOptions,
  fresh: Map<string, Value>,
): void {
  const rate = builder.input("learningRate", [1]);
  const step = optimiser.kind === "adamw" ? builder.input("step", [1]) : undefined;
  const maximumNorm = options.clipNorm;
  const scale =
    maximumNorm === undefined
      ? []
      : builder.apply(
          gradientClip,
          trained.map(({ gradient }) => gradient),
          { maximumNorm },
          "gradientClip",
        );
  for (const { weight, gradient } of trained) {
    const weightDecay = (options.decays ?? (() => true))(weight) ? optimiser.weightDecay : 0;
    const state = (prefix: string) =>
      addState(builder, `${prefix}:${weight.name}`, weight.value, "optimiser", { kind: "constant", value: 0 });
    const name = `${weight.name}.${optimiser.kind}`;
    if (optimiser.kind === "sgd") {
      const velocity = state("velocity");
      const { momentum, nesterov = false } = optimiser;
      const [next, nextVelocity] = builder.apply(
        sgd,
        [weight.value, gradient, velocity.value, rate, ...scale],
        { momentum, nesterov, weightDecay },
        name,
      );
      set(weight, next);
      builder.update(velocity, nextVelocity);
    } else {
      const [m, v] = [state("m"), state("v")];
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimiser;
      const [next, nextM, nextV] = builder.apply(
        adamw,
        [weight.value, gradient, m.value, v.value, rate, step!, ...scale],
        { beta1, beta2, epsilon, weightDecay },
        name,
      );
      set(weight, next);
      builder.update(m, nextM);
      builder.update(v, nextV);
    }
  }

  function set(weight: Parameter, next: Value): void {
    fresh.set(weight.name, next);
    builder.update(weight, next);
  }
}

function appendStatistics(
  builder: GraphBuilder,
  statistics: readonly BatchStatistics[],
  fresh: Map<string, Value>,
): void {
  for (const { node, runningMean, runningVariance, mean, variance, momentum, correction } of statistics) {
    const follow = (running: Parameter, batch: Value, factor: number, suffix: string) => {
      const attributes = { share: momentum, correction: factor };
      const next = builder.one(movingAverage, [running.value, batch], attributes, `${node}.${suffix}`);
      fresh.set(running.name, next);
      builder.update(running, next);
    };
    follow(runningMean, mean, 1, "runningMean");
    follow(runningVariance, variance, correction, "runningVariance");
  }
}

function appendAverages(builder: GraphBuilder, parameters: readonly Parameter[], fresh: Map<string, Value>): void {
  const share = builder.input("averageShare", [1]);
  for (const { name, value, role } of parameters) {
    const next = fresh.get(name);
    if (!next || (role !== "weight" && role !== "statistic")) continue;
    const average = addState(builder, `ema:${name}`, value, "average", { kind: "copy", of: name });
    const attributes = { share: 0, correction: 1 };
    builder.update(average, builder.one(movingAverage, [average.value, next, share], attributes, `${name}.average`));
  }
}

function addState(
  builder: GraphBuilder,
  name: string,
  like: Value,
  role: ParameterRole,
  initial: Initialiser,
): Parameter {
  return { name, value: builder.parameter(name, like.shape, role, initial), role, initial };
}
