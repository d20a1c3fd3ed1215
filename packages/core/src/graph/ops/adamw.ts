import type { OpDefinition } from "../op.js";
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
};
