import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

export type SgdAttributes = {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Added to the gradient as weightDecay·weight, before momentum. */
  readonly weightDecay: number;
};

/**
 * (weight, gradient, velocity, learning rate [1], gradient scale [1]?) → new weight, new velocity.
 * g = scale·gradient + weightDecay·weight; v' = momentum·v + g; weight' = weight − rate·(nesterov ? g + momentum·v' : v')
 */
export const sgd: OpDefinition<SgdAttributes> = {
  name: "sgd",
  shapes(inputs) {
    expectCount("sgd", inputs, 4, 5);
    const [weight, gradient, velocity] = inputs;
    expectShape("sgd", "gradient", gradient, weight);
    expectShape("sgd", "velocity", velocity, weight);
    return [weight, weight];
  },
};
