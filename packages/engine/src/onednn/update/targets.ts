import type { GraphNode, Value } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import { Tensor } from "../plan/tensor.js";

/**
 * The tensor that an update writes: the parameter itself, where its old value is not needed any more, else a copy.
 *
 */
export function targetOf(plan: Plan, node: GraphNode, input: Value, output: Value, origin: Origin): Tensor {
  const tensor = plan.tensor(input);
  if (mayOverwrite(plan, node, input, output)) return new Tensor(tensor.block, tensor.layout, tensor.offset);
  const copy = plan.allocate(tensor.layout);
  plan.copy(tensor, copy, origin);
  return copy;
}

function mayOverwrite(
  { graph, parameters, fusions, done }: Plan,
  node: GraphNode,
  input: Value,
  output: Value,
): boolean {
  const parameter = parameters.parameter(input);
  if (!parameter) return false;
  const updates = graph.updates.filter(({ parameter: name }) => name === parameter.name);
  if (updates.length !== 1 || updates[0].value.id !== output.id) return false;
  const kept = graph.outputs.some(({ value }) => value.id === input.id);
  const sources = graph.updates.some(({ value }) => value.id === input.id);
  return !kept && !sources && fusions.readers.of(input).every((reader) => reader === node || done.has(reader));
}
