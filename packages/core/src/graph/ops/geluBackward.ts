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
  onnx(node, scope) {
    const [dy, x] = node.inputs.map((input) => scope.image(input));
    const constant = (value: number) => scope.float([value], []);
    const [erf] = scope.emit("Erf", [scope.emit("Mul", [x, constant(Math.SQRT1_2)])[0]]);
    const [doubled] = scope.emit("Add", [erf, constant(1)]);
    const [cdf] = scope.emit("Mul", [doubled, constant(0.5)]);
    const [exponent] = scope.emit("Mul", [scope.emit("Mul", [x, x])[0], constant(-0.5)]);
    const [scaled] = scope.emit("Mul", [x, constant(1 / Math.sqrt(2 * Math.PI))]);
    const [product] = scope.emit("Mul", [scaled, scope.emit("Exp", [exponent])[0]]);
    const [slope] = scope.emit("Add", [cdf, product]);
    scope.emit("Mul", [dy, slope], {}, [scope.image(node.outputs[0])]);
  },
};
