import { attributesOf, type GraphNode, op } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { inLayout } from "./sgd.js";
import { inChunks, type Run, runsOf } from "./slabs.js";
import { targetOf } from "./targets.js";
import type { Updating } from "./updating.js";
import { Vectors } from "./vectors.js";

/** Moving averages that share their share: running statistics in one kernel, averaged weights in one a chunk. */
export const movingAverage: Updating = (nodes, plan) => {
  const origin = { node: "movingAverage", op: nodes[0].op };
  const updates = nodes.map((node) => ({ item: node, operands: operandsOf(node, plan, origin) }));
  const [, , share] = nodes[0].inputs;
  const given = share && plan.asHost(plan.tensor(share), origin);
  for (const run of runsOf(plan, updates)) {
    if (given) followGiven(plan, origin, run, given);
    else followFixed(plan, origin, run);
  }
};

/** old ← (1 − share) · old + new ⊙ factors, where each element's factor is share · correction. */
function followFixed(plan: Plan, origin: Origin, { items, operands, lengths }: Run<GraphNode>): void {
  const vectors = new Vectors(plan, origin);
  const factors = new Float32Array(operands[0].dims[0]);
  let start = 0;
  for (const [i, node] of items.entries()) {
    const { share, correction } = attributesOf(node, op.movingAverage);
    factors.fill(share * correction, start, start + lengths[i]);
    start += lengths[i];
  }
  const { share } = attributesOf(items[0], op.movingAverage);
  const one = vectors.scalar(1);
  const constant = plan.constant(factors);
  inChunks(plan, [...operands, constant], ([old, fresh, factor]) =>
    vectors.accumulateProduct(old, fresh, factor, one, 1 - share),
  );
}

/** The share comes with every run. */
function followGiven(plan: Plan, origin: Origin, { items, operands }: Run<GraphNode>, share: Tensor): void {
  const vectors = new Vectors(plan, origin);
  const { correction } = attributesOf(items[0], op.movingAverage);
  const [keep, take] = [vectors.scalar(), vectors.scalar()];
  plan.host(origin, [share], [keep, take], () => {
    const s = share.block.array![0];
    keep.block.array![0] = correction === 1 ? -s : 1 - s;
    take.block.array![0] = s * correction;
  });
  inChunks(plan, operands, ([old, fresh]) => {
    if (correction === 1) return vectors.approach(old, fresh, keep);
    vectors.accumulate(old, old, keep, 0);
    return vectors.accumulate(old, fresh, take, 1);
  });
}

function operandsOf(node: GraphNode, plan: Plan, origin: Origin): Tensor[] {
  const [oldValue, freshValue] = node.inputs;
  const fresh = plan.tensor(freshValue);
  plan.parameters.prefer(oldValue, () => fresh.layout);
  const old = targetOf(plan, node, oldValue, node.outputs[0], origin);
  plan.define(node.outputs[0], old);
  return [old, inLayout(plan, fresh, old, origin)];
}
