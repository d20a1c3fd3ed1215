import { attributesOf, type OpDefinition } from "../op.js";

export type GradientClipAttributes = { readonly maximumNorm: number };

/** (gradients…) → scale [1] = min(1, maximumNorm / ‖all gradients‖₂), the factor that keeps the joint norm in bounds */
export const gradientClip: OpDefinition<GradientClipAttributes> = {
  name: "gradientClip",
  shapes() {
    return [[1]];
  },
  onnx(node, scope) {
    const { maximumNorm } = attributesOf(node, gradientClip);
    const squares = node.inputs.map((input) => scope.emit("ReduceSumSquare", [scope.name(input)], { keepdims: 0 })[0]);
    const [norm] = scope.emit("Sqrt", [scope.emit("Sum", squares)[0]]);
    const [ratio] = scope.emit("Div", [scope.float([maximumNorm], [1]), norm]);
    scope.emit("Min", [ratio, scope.float([1], [1])], {}, [scope.name(node.outputs[0])]);
  },
};
