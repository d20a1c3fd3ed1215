import { op, type Shape, type Value } from "@regnet/core";
import { CaseBuilder, constant, type OpCase, positive } from "../opCase.js";

const SHAPES: readonly Shape[] = [[16, 8, 3, 3], [13], [7, 20]];

/** The loss, gradient clipping and the optimisers. */
export function trainingCases(): OpCase[] {
  const losses = [0, 0.1].flatMap((smoothing) => [
    loss(smoothing, 3, 10),
    loss(smoothing, 1, 1000),
    loss(smoothing, 5, 2),
  ]);
  const clips = [0.5, 1000].map(clip);
  return [...losses, ...clips, ...SHAPES.flatMap((shape) => [...sgdCases(shape), ...adamwCases(shape)])];
}

function loss(labelSmoothing: number, n: number, classes: number): OpCase {
  const b = new CaseBuilder(`softmaxCrossEntropy of ${classes}, batch ${n}, smoothing ${labelSmoothing}`, n);
  const logits = b.input("logits", [n, classes], (random) => 16 * ((random.next() >>> 0) / 2 ** 32 - 0.5));
  const targets = b.input("targets", [n, classes], constant(1 / classes));
  return b.outputs(...b.apply(op.softmaxCrossEntropy, [logits, targets], { labelSmoothing })).build();
}

function clip(maximumNorm: number): OpCase {
  const b = new CaseBuilder(`gradientClip at ${maximumNorm}`, 1);
  const gradients = SHAPES.map((shape, i) => b.input(`gradient${i}`, shape));
  return b.outputs(b.one(op.gradientClip, gradients, { maximumNorm })).build();
}

function sgdCases(shape: Shape): OpCase[] {
  const cases = [
    { momentum: 0.9, nesterov: false, weightDecay: 5e-5 },
    { momentum: 0.9, nesterov: true, weightDecay: 0.01 },
    { momentum: 0.9, nesterov: true, weightDecay: 1e-7 },
    { momentum: 0.9, nesterov: true, weightDecay: 0 },
    { momentum: 0, nesterov: false, weightDecay: 0 },
  ];
  return cases.flatMap((attributes) =>
    [false, true].map((clipped) => {
      const b = new CaseBuilder(`sgd ${describe(attributes, clipped)} [${shape}]`, 1);
      const operands = [b.weight("weight", shape), b.input("gradient", shape), state(b, "velocity", shape)];
      const inputs = [...operands, ...rates(b, ["rate"], clipped)];
      const [weight, velocity] = b.apply(op.sgd, inputs, attributes);
      return b.update("weight", weight).update("velocity", velocity).build();
    }),
  );
}

function adamwCases(shape: Shape): OpCase[] {
  return [0, 0.05].flatMap((weightDecay) =>
    [false, true].map((clipped) => {
      const attributes = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay };
      const b = new CaseBuilder(`adamw ${describe({ weightDecay }, clipped)} [${shape}]`, 1);
      const operands = [b.weight("weight", shape), b.input("gradient", shape)];
      const moments = [state(b, "m", shape), b.weight("v", shape, positive, "optimiser")];
      const inputs = [...operands, ...moments, ...rates(b, ["rate", "step"], clipped)];
      const [weight, m, v] = b.apply(op.adamw, inputs, attributes);
      return b.update("weight", weight).update("m", m).update("v", v).build();
    }),
  );
}

function state(b: CaseBuilder, name: string, shape: Shape): Value {
  return b.weight(name, shape, undefined, "optimiser");
}

/** Learning rate, step and, where wanted, the factor of gradient clipping. */
function rates(b: CaseBuilder, names: readonly string[], clipped: boolean): Value[] {
  const given: Record<string, number> = { rate: 0.1, step: 7, scale: 0.4 };
  return [...names, ...(clipped ? ["scale"] : [])].map((name) => b.input(name, [1], constant(given[name])));
}

function describe(attributes: object, clipped: boolean): string {
  return `${Object.entries(attributes).flat().join(" ")}${clipped ? " clipped" : ""}`;
}
