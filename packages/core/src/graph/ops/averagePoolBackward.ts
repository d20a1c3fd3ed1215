import type { OpDefinition } from "../op.js";
import type { AveragePoolAttributes } from "./averagePool.js";
import { expectCount } from "./shapes.js";

/** (dy [N,C,H',W'], x [N,C,H,W]) → dx [N,C,H,W] */
export const averagePoolBackward: OpDefinition<AveragePoolAttributes> = {
  name: "averagePoolBackward",
  shapes(inputs) {
    expectCount("averagePoolBackward", inputs, 2);
    return [inputs[1]];
  },
};
