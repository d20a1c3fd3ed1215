import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

/** (dy, x) → dx: dy · (Φ(x) + x·φ(x)) */
export const geluBackward: OpDefinition<Record<never, never>> = {
  name: "geluBackward",
  shapes(inputs) {
    expectCount("geluBackward", inputs, 2);
    const [dy, reference] = inputs;
    expectShape("geluBackward", "dy", dy, reference);
    return [dy];
  },
};
