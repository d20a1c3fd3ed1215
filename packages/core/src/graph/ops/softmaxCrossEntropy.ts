import { attributesOf, type OpDefinition } from "../op.js";
import { expectCount, expectRank, expectShape } from "./shapes.js";

export type SoftmaxCrossEntropyAttributes = { readonly labelSmoothing: number };

/**
 * (logits [N,K], targets [N,K] that sum to 1 in each row) → loss [1], the mean over the batch, and its gradient
 * for the logits [N,K]. Smoothing ε takes targets t to (1 − ε)·t + ε/K.
 */
export const softmaxCrossEntropy: OpDefinition<SoftmaxCrossEntropyAttributes> = {
  name: "softmaxCrossEntropy",
  shapes(inputs) {
    expectCount("softmaxCrossEntropy", inputs, 2);
    const [logits, targets] = inputs;
    expectRank("softmaxCrossEntropy", "logits", logits, 2);
    expectShape("softmaxCrossEntropy", "targets", targets, logits);
    return [[1], logits];
  },
  onnx(node, scope) {
    const { labelSmoothing } = attributesOf(node, softmaxCrossEntropy);
    const [logits, targets] = node.inputs.map((input) => scope.name(input));
    const [loss, gradient] = node.outputs.map((output) => scope.name(output));
    const [n, classes] = node.inputs[0].shape;
    const constant = (value: number) => scope.float([value], []);

    const [scaled] = scope.emit("Mul", [targets, constant(1 - labelSmoothing)]);
    const [smooth] = scope.emit("Add", [scaled, constant(labelSmoothing / classes)]);
    const [logarithms] = scope.emit("LogSoftmax", [logits], { axis: 1 });
    const [products] = scope.emit("Mul", [smooth, logarithms]);
    const [sum] = scope.emit("ReduceSum", [products, scope.int64([0, 1])], { keepdims: 0 });
    const [mean] = scope.emit("Mul", [sum, constant(-1 / n)]);
    scope.emit("Reshape", [mean, scope.int64([1])], {}, [loss]);
    const [difference] = scope.emit("Sub", [scope.emit("Exp", [logarithms])[0], smooth]);
    scope.emit("Mul", [difference, constant(1 / n)], {}, [gradient]);
  },
};
