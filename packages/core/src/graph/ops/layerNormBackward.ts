import { attributesOf, type OpDefinition } from "../op.js";
import type { LayerNormAttributes } from "./layerNorm.js";
import { expectCount, expectRank, expectShape } from "./shapes.js";

/** (dy, x, gamma, mean, biased variance) → dx like x, dgamma [C], dbeta [C] */
export const layerNormBackward: OpDefinition<LayerNormAttributes> = {
  name: "layerNormBackward",
  shapes(inputs) {
    expectCount("layerNormBackward", inputs, 5);
    const [dy, x] = inputs;
    if (x.length !== 2) expectRank("layerNormBackward", "x", x, 4);
    expectShape("layerNormBackward", "dy", dy, x);
    return [x, [x[1]], [x[1]]];
  },
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, layerNormBackward);
    const [dy, x, mean, variance] = [0, 1, 3, 4].map((i) => scope.image(node.inputs[i]));
    const gamma = scope.name(node.inputs[2]);
    const [dgamma, dbeta] = node.outputs.slice(1).map((vector) => scope.name(vector));
    const dx = scope.image(node.outputs[0]);
    const shape = scope.imageShape(node.inputs[1]);
    const perPosition = scope.int64(shape.map((extent, axis) => (axis === 1 ? 1 : extent)));
    const perChannel = scope.int64([1, -1, ...shape.slice(2).map(() => 1)]);
    const others = scope.int64(shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])));
    const share = scope.float([1 / shape[1]], []);
    const averaged = (values: string) =>
      scope.emit("Mul", [scope.emit("ReduceSum", [values, scope.int64([1])], { keepdims: 1 })[0], share])[0];

    const [squared] = scope.emit("Add", [variance, scope.float([epsilon], [])]);
    const [deviation] = scope.emit("Reshape", [scope.emit("Sqrt", [squared])[0], perPosition]);
    const [centred] = scope.emit("Sub", [x, scope.emit("Reshape", [mean, perPosition])[0]]);
    const [hat] = scope.emit("Div", [centred, deviation]);
    scope.emit("ReduceSum", [dy, others], { keepdims: 0 }, [dbeta]);
    scope.emit("ReduceSum", [scope.emit("Mul", [dy, hat])[0], others], { keepdims: 0 }, [dgamma]);

    const [scaled] = scope.emit("Mul", [dy, scope.emit("Reshape", [gamma, perChannel])[0]]);
    const [along] = scope.emit("Mul", [hat, averaged(scope.emit("Mul", [scaled, hat])[0])]);
    const [level] = scope.emit("Sub", [scaled, averaged(scaled)]);
    scope.emit("Div", [scope.emit("Sub", [level, along])[0], deviation], {}, [dx]);
  },
};
