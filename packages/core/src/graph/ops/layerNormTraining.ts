import { attributesOf, type OpDefinition } from "../op.js";
import type { LayerNormAttributes } from "./layerNorm.js";
import { layerNorm } from "./layerNorm.js";
import { layerNormBackward } from "./layerNormBackward.js";

/** (x, gamma, beta) → y, and each position's mean and biased variance over channels: [N,H,W], or [N] for a vector */
export const layerNormTraining: OpDefinition<LayerNormAttributes> = {
  name: "layerNormTraining",
  shapes(inputs, attributes) {
    const [y] = layerNorm.shapes(inputs, attributes);
    const positions = y.filter((_, axis) => axis !== 1);
    return [y, positions, positions];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [x, gamma] = node.inputs;
    const [, mean, variance] = node.outputs;
    const { epsilon } = attributesOf(node, layerNormTraining);
    return scope.apply(layerNormBackward, [dy, x, gamma, mean, variance], { epsilon }, `${node.name}.backward`);
  },
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, layerNormTraining);
    const [gamma, beta] = node.inputs.slice(1).map((vector) => scope.name(vector));
    const [y, mean, variance] = node.outputs.map((output) => scope.image(output));
    const [x, shape] = [scope.image(node.inputs[0]), scope.imageShape(node.inputs[0])];
    const channels = scope.int64([1, -1, ...shape.slice(2).map(() => 1)]);
    const share = scope.float([1 / shape[1]], []);
    const axis = scope.int64([1]);

    const [average] = scope.emit("Mul", [scope.emit("ReduceSum", [x, axis], { keepdims: 1 })[0], share]);
    const [centred] = scope.emit("Sub", [x, average]);
    const [squares] = scope.emit("ReduceSum", [scope.emit("Mul", [centred, centred])[0], axis], { keepdims: 1 });
    const [spread] = scope.emit("Mul", [squares, share]);
    const [deviation] = scope.emit("Sqrt", [scope.emit("Add", [spread, scope.float([epsilon], [])])[0]]);
    const [hat] = scope.emit("Div", [centred, deviation]);
    const [scaled] = scope.emit("Mul", [hat, scope.emit("Reshape", [gamma, channels])[0]]);
    scope.emit("Add", [scaled, scope.emit("Reshape", [beta, channels])[0]], {}, [y]);
    const positions = scope.int64(scope.imageShape(node.outputs[1]));
    scope.emit("Reshape", [average, positions], {}, [mean]);
    scope.emit("Reshape", [spread, positions], {}, [variance]);
  },
};
