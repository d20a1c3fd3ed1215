import { size } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

export type BatchNormBackwardAttributes = { readonly epsilon: number };

/** (dy, x, gamma, mean, biased variance) → dx [N,C,H,W], dgamma [C], dbeta [C] */
export const batchNormBackward: OpDefinition<BatchNormBackwardAttributes> = {
  name: "batchNormBackward",
  shapes(inputs) {
    expectCount("batchNormBackward", inputs, 5);
    const [dy, x] = inputs;
    expectShape("batchNormBackward", "dy", dy, x);
    return [x, [x[1]], [x[1]]];
  },
  /** dx = a·dy + b·x + c with a vector each: a = γ/σ, b = −a·dγ/(σ·m), c = −a·dβ/m − b·mean, over m elements a channel. */
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, batchNormBackward);
    const [dy, x, gamma, mean, variance] = node.inputs.map((input) => scope.name(input));
    const [dx, dgamma, dbeta] = node.outputs.map((output) => scope.name(output));
    const channels = node.inputs[1].shape[1];
    const share = scope.float([channels / size(node.inputs[1].shape)], []);
    const spread = (vector: string) => scope.emit("Reshape", [vector, scope.int64([1, channels, 1, 1])])[0];
    const axes = scope.int64([0, 2, 3]);

    const [deviation] = scope.emit("Sqrt", [scope.emit("Add", [variance, scope.float([epsilon], [])])[0]]);
    const [centred] = scope.emit("Sub", [x, spread(mean)]);
    scope.emit("ReduceSum", [dy, axes], { keepdims: 0 }, [dbeta]);
    const [product] = scope.emit("ReduceSum", [scope.emit("Mul", [dy, centred])[0], axes], { keepdims: 0 });
    scope.emit("Div", [product, deviation], {}, [dgamma]);

    const [a] = scope.emit("Div", [gamma, deviation]);
    const [pull] = scope.emit("Mul", [scope.emit("Div", [dgamma, deviation])[0], share]);
    const [b] = scope.emit("Mul", [a, pull]);
    const [c] = scope.emit("Mul", [a, scope.emit("Mul", [dbeta, share])[0]]);
    // Batch norms that are given their statistics scale and shift each channel in one pass.
    const [ones, zeros] = [1, 0].map((value) => scope.float(new Array<number>(channels).fill(value)));
    const affine = (image: string, factor: string, origin: string, shift: string) =>
      scope.emit("BatchNormalization", [image, factor, shift, origin, ones], { epsilon: { float: 0 } })[0];
    const scaled = affine(dy, a, zeros, scope.emit("Neg", [c])[0]);
    scope.emit("Sub", [scaled, affine(x, b, mean, zeros)], {}, [dx]);
  },
};
