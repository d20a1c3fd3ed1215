import type { OpDefinition } from "../op.js";
import type { Conv2dAttributes } from "./conv2d.js";
import { expectCount, expectRank } from "./shapes.js";

export type Conv2dBackwardDataAttributes = Conv2dAttributes & { readonly size: readonly number[] };

/** (dy [N,Co,H',W'], weight [Co,Ci/groups,k,k]) → dx [N,Ci,H,W] with [H,W] = `size` */
export const conv2dBackwardData: OpDefinition<Conv2dBackwardDataAttributes> = {
  name: "conv2dBackwardData",
  shapes(inputs, { groups, size }) {
    expectCount("conv2dBackwardData", inputs, 2);
    const [dy, weight] = inputs;
    expectRank("conv2dBackwardData", "dy", dy, 4);
    return [[dy[0], weight[1] * groups, size[0], size[1]]];
  },
};
