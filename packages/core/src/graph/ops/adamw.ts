import { attributesOf, type OpDefinition } from "../op.js";
import { scaled, withAxesOf } from "./scaled.js";
import { expectCount, expectShape } from "./shapes.js";

export type AdamwAttributes = {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: weight shrinks by rate·weightDecay. */
  readonly weightDecay: number;
};

/**
 * (weight, gradient, m, v, learning rate [1], step [1] counted from 1, gradient scale [1]?) → new weight, new m, new v.
 * Bias-corrected moments; Loshchilov & Hutter, Decoupled Weight Decay Regularization, algorithm 2.
 */
export const adamw: OpDefinition<AdamwAttributes> = {
  name: "adamw",
  shapes(inputs) {
    expectCount("adamw", inputs, 6, 7);
    const [weight, gradient, m, v] = inputs;
    expectShape("adamw", "gradient", gradient, weight);
    expectShape("adamw", "m", m, weight);
    expectShape("adamw", "v", v, weight);
    return [weight, weight, weight];
  },
  onnx(node, scope) {
    const { beta1, beta2, epsilon, weightDecay } = attributesOf(node, adamw);
    const [weight, gradient, m, v, rate, step, scale] = node.inputs.map((input) => scope.name(input));
    const [nextWeight, nextM, nextV] = node.outputs.map((output) => scope.name(output));
    const { shape } = node.inputs[0];
    const constant = (value: number) => scope.float([value]);
    const by = (value: string, factor: string | number) => scaled(scope, value, shape, factor);
    const blend = (old: string, fresh: string, keep: number, output: string) =>
      scope.emit("Add", [by(old, keep), by(fresh, 1 - keep)], {}, [output]);
    /** 1 / (1 − β^step) */
    const correction = (beta: number) => {
      const [missing] = scope.emit("Sub", [constant(1), scope.emit("Pow", [constant(beta), step])[0]]);
      return scope.emit("Reciprocal", [missing])[0];
    };

    const clipped = scale ? by(gradient, scale) : gradient;
    blend(m, clipped, beta1, nextM);
    blend(v, scope.emit("Mul", [clipped, clipped])[0], beta2, nextV);
    const [root] = scope.emit("Sqrt", [by(nextV, correction(beta2))]);
    const [divisor] = scope.emit("Add", [root, withAxesOf(scope, epsilon, shape)]);
    const [change] = scope.emit("Div", [by(nextM, correction(beta1)), divisor]);
    const decayed = weightDecay ? scope.emit("Add", [change, by(weight, weightDecay)])[0] : change;
    scope.emit("Sub", [weight, by(decayed, rate)], {}, [nextWeight]);
  },
};
