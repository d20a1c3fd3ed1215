import type { OpDefinition } from "../op.js";
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
};
