import { attributesOf, type GraphNode, op, size, type Value } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import type { Tensor } from "../plan/tensor.js";
import type { Window } from "./convolutionSpecs.js";
import { originOf } from "./lowering.js";

/** Weights and bias of a convolution whose batch norm with fixed statistics is folded into them. */
export function foldedWeights(
  conv: GraphNode,
  norm: GraphNode,
  plan: Plan,
  window: Window,
): { weight: Tensor; bias: Tensor } {
  const { epsilon } = attributesOf(norm, op.batchNorm);
  const array = (value: Value) => plan.tensor(value).block.array!;
  const [, weightValue, biasValue] = conv.inputs;
  const outputs = weightValue.shape[0];
  const perOutput = size(weightValue.shape) / outputs;
  const weight = plan.allocateHost(window.weights);
  const bias = plan.allocateHost([outputs]);
  const fold = () => {
    const [gamma, beta, mean, variance] = norm.inputs.slice(1).map(array);
    const [from, to] = [array(weightValue), weight.block.array!];
    const offset = biasValue && array(biasValue);
    for (let i = 0; i < outputs; i++) {
      const scale = gamma[i] / Math.sqrt(variance[i] + epsilon);
      bias.block.array![i] = beta[i] + ((offset?.[i] ?? 0) - mean[i]) * scale;
      for (let j = i * perOutput; j < (i + 1) * perOutput; j++) to[j] = from[j] * scale;
    }
  };
  const inputs = [...conv.inputs.slice(1), ...norm.inputs.slice(1)].map((value) => plan.tensor(value));
  plan.host({ ...originOf(norm), op: "fold" }, inputs, [weight, bias], fold);
  return { weight, bias };
}
