import type { OpDefinition } from "../op.js";
import type { Conv2dAttributes } from "./conv2d.js";
import { expectCount, expectRank } from "./shapes.js";

export type Conv2dBackwardWeightsAttributes = Conv2dAttributes & { readonly kernel: readonly number[] };

/** (x [N,Ci,H,W], dy [N,Co,H',W']) → dw [Co,Ci/groups,k,k] with [k,k] = `kernel` */
export const conv2dBackwardWeights: OpDefinition<Conv2dBackwardWeightsAttributes> = {
  name: "conv2dBackwardWeights",
  shapes(inputs, { groups, kernel }) {
    expectCount("conv2dBackwardWeights", inputs, 2);
    const [x, dy] = inputs;
    expectRank("conv2dBackwardWeights", "x", x, 4);
    expectRank("conv2dBackwardWeights", "dy", dy, 4);
    return [[dy[1], x[1] / groups, kernel[0], kernel[1]]];
  },
};
