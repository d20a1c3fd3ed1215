import type { OpDefinition } from "../op.js";
import type { MaxPoolAttributes } from "./maxPool.js";
import { expectCount } from "./shapes.js";

/** (dy [N,C,H',W'], x [N,C,H,W]) → dx [N,C,H,W] */
export const maxPoolBackward: OpDefinition<MaxPoolAttributes> = {
  name: "maxPoolBackward",
  shapes(inputs) {
    expectCount("maxPoolBackward", inputs, 2);
    return [inputs[1]];
  },
};
