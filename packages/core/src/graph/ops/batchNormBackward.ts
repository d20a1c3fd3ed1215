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
  /**
   * Over m elements a channel, with p = Σ dy·(x − mean): dβ = Σ dy, dγ = p/σ, and dx = γ/σ·(dy − dβ/m) − γ/σ·p/(σ²·m)·(x − mean). Either
   * product is what a batch norm makes in one pass that is given its statistics.
   */
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, batchNormBackward);
    const [dy, x, gamma, mean, variance] = node.inputs.map((input) => scope.name(input));
    const [dx, dgamma, dbeta] = node.outputs.map((output) => scope.name(output));
    const channels = node.inputs[1].shape[1];
    const share = scope.float([channels / size(node.inputs[1].shape)], []);
    const axes = scope.int64([0, 2, 3]);

    const [spread] = scope.emit("Reshape", [mean, scope.int64([1, channels, 1, 1])]);
    const [centred] = scope.emit("Sub", [x, spread]);
    scope.emit("ReduceSum", [dy, axes], { keepdims: 0 }, [dbeta]);
    const [product] = scope.emit("ReduceSum", [scope.emit("Mul", [dy, centred])[0], axes], { keepdims: 0 });
    const [square] = scope.emit("Add", [variance, scope.float([epsilon], [])]);
    scope.emit("Div", [product, scope.emit("Sqrt", [square])[0]], {}, [dgamma]);

    const zeros = scope.float(new Array<number>(channels).fill(0));
    const norm = (image: string, factor: string, origin: string) =>
      scope.emit("BatchNormalization", [image, factor, zeros, origin, variance], { epsilon: { float: epsilon } })[0];
    const [pull] = scope.emit("Mul", [scope.emit("Div", [product, square])[0], share]);
    const pulled = norm(x, scope.emit("Mul", [gamma, pull])[0], mean);
    scope.emit("Sub", [norm(dy, gamma, scope.emit("Mul", [dbeta, share])[0]), pulled], {}, [dx]);
  },
};
