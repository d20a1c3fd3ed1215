import { attributesOf, op } from "@regnet/core";
import type { KernelGenerator } from "../generated/generatedKernel.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { inChunks, runsOf } from "./slabs.js";
import type { Updating } from "./updating.js";

/** The joint norm: squares by one kernel, their sums row by row by another, the rest in JavaScript in float64. */
export const gradientClip: Updating = (nodes, plan) => {
  for (const node of nodes) {
    const origin = { node: node.name, op: node.op };
    const { maximumNorm } = attributesOf(node, op.gradientClip);
    const sums: Tensor[] = [];
    const updates = node.inputs.map((value) => ({ item: value, operands: [plan.tensor(value)] }));
    for (const run of runsOf(plan, updates)) {
      if (plan.generator) sums.push(ownSums(plan, plan.generator, origin, run.operands[0]));
      else inChunks(plan, run.operands, ([part]) => sums.push(rowSums(plan, origin, part)));
    }
    const scale = plan.allocateHost([1]);
    plan.host(origin, sums, [scale], () => {
      let total = 0;
      for (const { block } of sums) for (const value of block.array!) total += value;
      scale.block.array![0] = Math.min(1, maximumNorm / Math.sqrt(total));
    });
    plan.define(node.outputs[0], scale);
  }
};

function ownSums(plan: Plan, generator: KernelGenerator, origin: Origin, vector: Tensor): Tensor {
  const { kernel, count } = generator.squares(vector.dims[0]);
  const sums = plan.allocateHost([count]);
  plan.emitGenerated(origin, kernel, { 0: vector }, { 1: sums });
  return sums;
}

/** Sums of squares of the rows of a vector seen as a matrix. */
function rowSums(plan: Plan, origin: Origin, vector: Tensor): Tensor {
  const { dnn } = plan;
  const [length] = vector.dims;
  const columns = [512, 16].find((size) => length % size === 0) ?? length;
  const square = plan.allocate(vector.layout);
  const spec = { kind: "binary", algorithm: "multiply", first: vector.layout, second: vector.layout } as const;
  const product = plan.require({ ...spec, destination: vector.layout }, origin);
  plan.emit(origin, product, { source: vector, second: vector }, { destination: square });
  const ones = plan.constant(new Float32Array(columns).fill(1), [columns, 1]);
  const matrix = dnn.strided([length / columns, columns], "f32");
  const result = plan.allocateHost([length / columns, 1]);
  const descriptor = plan.require(
    { kind: "matmul", source: matrix, weights: ones.layout, destination: result.layout },
    origin,
  );
  plan.emit(origin, descriptor, { source: square.view(matrix), weights: ones }, { destination: result });
  return result;
}
