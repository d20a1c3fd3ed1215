import { type GraphNode, RegnetError } from "@regnet/core";
import { isPlain } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Block, Tensor } from "../plan/tensor.js";
import { DeferredUpdates } from "../update/deferred.js";
import { activations } from "./activations.js";
import { convolutions } from "./convolutions.js";
import { elementwise } from "./elementwise.js";
import { linears } from "./linears.js";
import { losses } from "./loss.js";
import type { Lowering } from "./lowering.js";
import { normalisations } from "./normalisations.js";
import { loweringOrder } from "./order.js";
import { poolings } from "./poolings.js";
import { reductions } from "./reductions.js";

const lowerings: ReadonlyMap<string, Lowering> = new Map(
  Object.entries({
    ...activations,
    ...convolutions,
    ...elementwise,
    ...linears,
    ...losses,
    ...normalisations,
    ...poolings,
    ...reductions,
  }),
);

/** The arrays through which a caller feeds and reads a plan. */
export interface Ports {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** Plans all steps of a graph. */
export function lowerGraph(plan: Plan): Ports {
  const { graph, fusions } = plan;
  const inputs = new Map<string, Tensor>();
  for (const { name, value } of graph.inputs) {
    const tensor = plan.allocateHost(value.shape);
    inputs.set(name, tensor);
    plan.define(value, tensor);
  }
  const deferred = new DeferredUpdates(plan);
  for (const node of loweringOrder(plan)) {
    if (deferred.takes(node)) continue;
    if (deferred.feeds(node)) deferred.flush();
    if (fusions.absorbed(node)) continue;
    lower(node, plan);
    plan.done.add(node);
    deferred.follow(node);
  }
  deferred.flush();
  const outputs = new Map<string, Tensor>();
  const taken = new Set([...inputs.values()].map(({ block }) => block));
  for (const { name, value } of graph.outputs) {
    const tensor = port(plan, plan.tensor(value), value.shape, name, taken);
    taken.add(tensor.block);
    outputs.set(name, tensor);
  }
  storeUpdates(plan);
  return { inputs, outputs };
}

function lower(node: GraphNode, plan: Plan): void {
  const lowering = lowerings.get(node.op);
  if (!lowering) {
    throw new RegnetError(
      `unsupported op "${node.op}" (node "${node.name}") in the onednn engine; use the onnxruntime engine`,
      "unsupported",
      node.op,
    );
  }
  lowering(node, plan);
}

/** An array of the output's own: the one it is made in where there is such and it is not taken, else a copy. */
function port(plan: Plan, tensor: Tensor, shape: readonly number[], name: string, taken: ReadonlySet<Block>): Tensor {
  const { block, layout, offset } = tensor;
  const free = block.array && !block.constant && !taken.has(block);
  if (free && offset === 0 && block.bytes === layout.bytes && isPlain(layout)) return tensor;
  const result = plan.allocateHost(shape);
  plan.copy(tensor, result.view(plan.dnn.strided(tensor.dims, "f32")), { node: name, op: "output" });
  return result;
}

/** Copies what parameters become into them, where a step has not written it there already. */
function storeUpdates(plan: Plan): void {
  const { graph, parameters } = plan;
  const pending = graph.updates.flatMap(({ parameter: name, value }) => {
    const { value: target } = graph.parameters.find((parameter) => parameter.name === name)!;
    const source = plan.tensor(value);
    const to = parameters.tensor(target)!;
    return source.block === to.block ? [] : [{ name, source, to, shape: target.shape }];
  });
  const origin = (name: string) => ({ node: name, op: "update" });
  const staged = pending.map(({ name, source, to, shape }) => {
    if (!parameters.planned.some(({ tensor }) => tensor.block === source.block)) return { name, source, to, shape };
    const copy = plan.allocate(source.layout);
    plan.copy(source, copy, origin(name));
    return { name, source: copy, to, shape };
  });
  for (const { name, source, to, shape } of staged) {
    const plain = plan.as(source, plan.dnn.strided(source.dims, "f32"), origin(name));
    const shaped = plain.view(plan.dnn.strided(shape, "f32"));
    plan.copy(shaped.view(plan.dnn.strided(to.dims, "f32")), to, origin(name));
  }
}
