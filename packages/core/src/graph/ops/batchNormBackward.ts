import { size } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { reshaped } from "./interleaved.js";
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
   * Over m elements a channel, with p = Σ dy·(x − mean) and b = −p/(σ²·m): dβ = Σ dy, dγ = p/σ, and
   * dx = γ/σ·(dy + b·x − (dβ/m + b·mean)), which is a batch norm that is given its statistics. p is made as
   * Σ dy·x − mean·Σ dy, which spares a pass over x; of a mean of 10 σ it is good to 3e-6.
   */
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, batchNormBackward);
    const [dy, x] = node.inputs.slice(0, 2).map((images) => scope.image(images));
    const [gamma, mean, variance] = node.inputs.slice(2).map((vector) => scope.name(vector));
    const dx = scope.image(node.outputs[0]);
    const [dgamma, dbeta] = node.outputs.slice(1).map((vector) => scope.name(vector));
    const channels = node.inputs[1].shape[1];
    const share = scope.float([channels / size(node.inputs[1].shape)], []);
    const axes = scope.int64([0, 2, 3]);
    const one = (type: string, ...inputs: string[]) => scope.emit(type, inputs)[0];

    scope.emit("ReduceSum", [dy, axes], { keepdims: 0 }, [dbeta]);
    const [products] = scope.emit("ReduceSum", [one("Mul", dy, x), axes], { keepdims: 0 });
    const sum = one("Sub", products, one("Mul", mean, dbeta));
    const square = one("Add", variance, scope.float([epsilon], []));
    scope.emit("Div", [sum, one("Sqrt", square)], {}, [dgamma]);

    const pull = one("Neg", one("Mul", one("Div", sum, square), share));
    const pulled = one("Add", dy, one("Mul", x, reshaped(scope, pull, [1, channels, 1, 1])));
    const origin = one("Add", one("Mul", dbeta, share), one("Mul", pull, mean));
    const zeros = scope.float(new Array<number>(channels).fill(0));
    scope.emit("BatchNormalization", [pulled, gamma, zeros, origin, variance], { epsilon: { float: epsilon } }, [dx]);
  },
};
