import { size } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { batchNormBackward } from "./batchNormBackward.js";
import { expectCount, expectShape } from "./shapes.js";

export type BatchNormTrainingAttributes = { readonly epsilon: number };

/** (x [N,C,H,W], gamma [C], beta [C]) → y, the batch's mean [C] and biased variance [C] */
export const batchNormTraining: OpDefinition<BatchNormTrainingAttributes> = {
  name: "batchNormTraining",
  shapes(inputs) {
    expectCount("batchNormTraining", inputs, 3);
    const [x, gamma, beta] = inputs;
    expectShape("batchNormTraining", "gamma", gamma, [x[1]]);
    expectShape("batchNormTraining", "beta", beta, [x[1]]);
    return [x, [x[1]], [x[1]]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [x, gamma] = node.inputs;
    const [, mean, variance] = node.outputs;
    const { epsilon } = attributesOf(node, batchNormTraining);
    return scope.apply(batchNormBackward, [dy, x, gamma, mean, variance], { epsilon }, `${node.name}.backward`);
  },
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, batchNormTraining);
    const [gamma, beta] = node.inputs.slice(1).map((vector) => scope.name(vector));
    const [mean, variance] = node.outputs.slice(1).map((vector) => scope.name(vector));
    const [x, y] = [scope.image(node.inputs[0]), scope.image(node.outputs[0])];
    if (scope.forCpuTraining) {
      // Of running statistics nothing is kept, and so they become the batch's. They are written to where they come from, which
      // must be nobody else's: equal nodes are merged, and constants too, but not what is random.
      const random = { shape: node.outputs[1].shape, low: { float: 0 }, high: { float: 1 } };
      const [from, spread] = [0, 1].map(() => scope.emit("RandomUniform", [], random)[0]);
      const attributes = { epsilon: { float: epsilon }, momentum: { float: 0 }, training_mode: 1 };
      scope.emit("BatchNormalization", [x, gamma, beta, from, spread], attributes, [y, mean, variance]);
      return;
    }
    const share = scope.float([node.inputs[0].shape[1] / size(node.inputs[0].shape)], []);
    const axes = scope.int64([0, 2, 3]);
    const [sum] = scope.emit("ReduceSum", [x, axes], { keepdims: 1 });
    const [spread] = scope.emit("Mul", [sum, share]);
    const [centred] = scope.emit("Sub", [x, spread]);
    const [squares] = scope.emit("ReduceSum", [scope.emit("Mul", [centred, centred])[0], axes], { keepdims: 0 });
    scope.emit("Reshape", [spread, scope.int64([-1])], {}, [mean]);
    scope.emit("Mul", [squares, share], {}, [variance]);
    scope.emit("BatchNormalization", [x, gamma, beta, mean, variance], { epsilon: { float: epsilon } }, [y]);
  },
};
