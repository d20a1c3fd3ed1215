import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

/** (dy, x) → dx: dy · (s + x·s·(1 − s)) with s = sigmoid(x) */
export const siluBackward: OpDefinition<Record<never, never>> = {
  name: "siluBackward",
  shapes(inputs) {
    expectCount("siluBackward", inputs, 2);
    const [dy, reference] = inputs;
    expectShape("siluBackward", "dy", dy, reference);
    return [dy];
  },
};
