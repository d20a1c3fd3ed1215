import type { OpDefinition } from "../op.js";
import type { LayerNormAttributes } from "./layerNorm.js";
import { expectCount, expectShape } from "./shapes.js";

/** (dy, x, gamma, mean, biased variance) → dx like x, dgamma [C], dbeta [C] */
export const layerNormBackward: OpDefinition<LayerNormAttributes> = {
  name: "layerNormBackward",
  shapes(inputs) {
    expectCount("layerNormBackward", inputs, 5);
    const [dy, x] = inputs;
    expectShape("layerNormBackward", "dy", dy, x);
    return [x, [x[1]], [x[1]]];
  },
};
