import { attributesOf, type OpDefinition } from "../op.js";
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
    const constant = (value: number) => scope.float([value], []);
    const blend = (old: string, fresh: string, keep: number, output: string) => {
      const [kept] = scope.emit("Mul", [old, constant(keep)]);
      const [added] = scope.emit("Mul", [fresh, constant(1 - keep)]);
      scope.emit("Add", [kept, added], {}, [output]);
    };
    const uncorrected = (beta: number) =>
      scope.emit("Sub", [constant(1), scope.emit("Pow", [constant(beta), step])[0]])[0];

    const scaled = scale ? scope.emit("Mul", [gradient, scale])[0] : gradient;
    blend(m, scaled, beta1, nextM);
    blend(v, scope.emit("Mul", [scaled, scaled])[0], beta2, nextV);
    const [mean] = scope.emit("Div", [nextM, uncorrected(beta1)]);
    const [root] = scope.emit("Sqrt", [scope.emit("Div", [nextV, uncorrected(beta2)])[0]]);
    const [change] = scope.emit("Div", [mean, scope.emit("Add", [root, constant(epsilon)])[0]]);
    const decayed = weightDecay
      ? scope.emit("Add", [change, scope.emit("Mul", [weight, constant(weightDecay)])[0]])[0]
      : change;
    scope.emit("Sub", [weight, scope.emit("Mul", [decayed, rate])[0]], {}, [nextWeight]);
  },
};
