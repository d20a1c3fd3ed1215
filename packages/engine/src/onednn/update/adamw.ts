import { attributesOf, type GraphNode, op } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { inLayout } from "./sgd.js";
import { inChunks, runsOf } from "./slabs.js";
import { targetOf } from "./targets.js";
import { sharedBy, type Updating } from "./updating.js";
import { Vectors } from "./vectors.js";

/** The input that is the learning rate; the number of the step and a scale of the gradients follow. */
const FIRST_SHARED = 4;

/** AdamW over all weights that share their settings. What depends on the step is computed in JavaScript, once a run. */
export const adamw: Updating = (nodes, plan) => {
  const [first] = nodes;
  const origin = { node: "adamw", op: first.op };
  const { beta1, beta2, epsilon } = attributesOf(first, op.adamw);
  const vectors = new Vectors(plan, origin);
  const factors = sharedBy(first, FIRST_SHARED, plan, () => factorsOf(first, plan, vectors, origin));
  const [shrink, minusRate, meanShare, squareShare, correction] = factors;
  const updates = nodes.map((node) => ({ item: node, operands: operandsOf(node, plan, origin) }));
  for (const run of runsOf(plan, updates)) {
    if (plan.generator) {
      const [weight, gradient, mean, square] = run.operands;
      const kernel = plan.generator.adaptiveDescent({ length: weight.dims[0], beta1, beta2, epsilon });
      const reads = { 1: gradient, 4: shrink, 5: minusRate, 6: meanShare, 7: squareShare, 8: correction };
      plan.emitGenerated(origin, kernel, reads, { 0: weight, 2: mean, 3: square });
      continue;
    }
    inChunks(plan, run.operands, ([weight, gradient, mean, square]) => {
      vectors.accumulate(mean, gradient, meanShare, beta1);
      vectors.accumulateProduct(square, gradient, gradient, squareShare, beta2);
      const change = plan.allocate(weight.layout);
      vectors.root(change, square, correction, epsilon);
      vectors.quotient(change, mean, minusRate);
      vectors.scaleAndAdd(weight, shrink, change);
    });
  }
};

/** The step's factors. */
function factorsOf(node: GraphNode, plan: Plan, vectors: Vectors, origin: Origin): readonly Tensor[] {
  const { beta1, beta2, weightDecay } = attributesOf(node, op.adamw);
  const given = node.inputs.slice(FIRST_SHARED).map((value) => plan.asHost(plan.tensor(value), origin));
  const scalars = [0, 0, 0, 0, 0].map(() => vectors.scalar());
  plan.host(origin, given, scalars, () => {
    const [eta, t, s = 1] = given.map(({ block }) => block.array![0]);
    const values = [
      1 - eta * weightDecay,
      -eta / (1 - beta1 ** t),
      (1 - beta1) * s,
      (1 - beta2) * s * s,
      1 / (1 - beta2 ** t),
    ];
    for (const [i, tensor] of scalars.entries()) tensor.block.array![0] = values[i];
  });
  return scalars;
}

function operandsOf(node: GraphNode, plan: Plan, origin: Origin): Tensor[] {
  const [weight, gradient, ...moments] = node.inputs;
  const w = targetOf(plan, node, weight, node.outputs[0], origin);
  plan.define(node.outputs[0], w);
  const states = moments.slice(0, 2).map((moment, i) => {
    plan.parameters.prefer(moment, () => w.layout);
    const target = targetOf(plan, node, moment, node.outputs[i + 1], origin);
    const tensor = inLayout(plan, target, w, origin);
    plan.define(node.outputs[i + 1], tensor);
    return tensor;
  });
  return [w, inLayout(plan, plan.tensor(gradient), w, origin), ...states];
}
