import type { OpDefinition } from "../op.js";
import { geluBackward } from "./geluBackward.js";
import { expectCount } from "./shapes.js";

/** x · Φ(x), the exact form with erf */
export const gelu: OpDefinition<Record<never, never>> = {
  name: "gelu",
  shapes(inputs) {
    expectCount("gelu", inputs, 1);
    return [inputs[0]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    return scope.apply(geluBackward, [dy, node.inputs[0]], {}, `${node.name}.backward`);
  },
  onnx(node, scope) {
    const x = scope.image(node.inputs[0]);
    const y = scope.image(node.outputs[0]);
    const [scaled] = scope.emit("Mul", [x, scope.float([Math.SQRT1_2], [])]);
    const [erf] = scope.emit("Erf", [scaled]);
    const [shifted] = scope.emit("Add", [erf, scope.float([1], [])]);
    const [product] = scope.emit("Mul", [x, shifted]);
    scope.emit("Mul", [product, scope.float([0.5], [])], {}, [y]);
  },
};
