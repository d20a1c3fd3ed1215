import { size } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { reshaped } from "./reshaped.js";
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
   * Over m elements a channel, with p = Σ dy·(x − mean): dβ = Σ dy, dγ = p/σ, and
   * dx = γ/σ·(dy − p/(σ²·m)·(x − mean) − dβ/m), which is a batch norm that is given its statistics.
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
    const perChannel = (vector: string) => reshaped(scope, vector, [1, channels, 1, 1]);

    const centred = one("Sub", x, perChannel(mean));
    scope.emit("ReduceSum", [dy, axes], { keepdims: 0 }, [dbeta]);
    const [sum] = scope.emit("ReduceSum", [one("Mul", dy, centred), axes], { keepdims: 0 });
    const square = one("Add", variance, scope.float([epsilon], []));
    scope.emit("Div", [sum, one("Sqrt", square)], {}, [dgamma]);

    const pull = one("Mul", one("Div", sum, square), share);
    const pulled = one("Sub", dy, one("Mul", centred, perChannel(pull)));
    const statistics = [one("Mul", dbeta, share), variance];
    const zeros = scope.float(new Array<number>(channels).fill(0));
    scope.emit("BatchNormalization", [pulled, gamma, zeros, ...statistics], { epsilon: { float: epsilon } }, [dx]);
  },
};
