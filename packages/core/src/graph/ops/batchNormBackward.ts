import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

export type BatchNormBackwardAttributes = { readonly epsilon: number };

/** (dy, x, gamma, mean, biased variance) → dx [N,C,H,W], dgamma [C], dbeta [C] */
export const batchNormBackward: OpDefinition<BatchNormBackwardAttributes> = {
  name: "batchNormBackward",
  shapes(inputs) {
    expectCount("batchNormBackward", inputs, 5);
    const [dy, x] = inputs;
    expectShape("batchNormBackward", "dy", dy, x);
    return [x, [x[1]], [x[1]]];
  },
};
