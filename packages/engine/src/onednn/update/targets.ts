import type { GraphNode, Value } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import { Tensor } from "../plan/tensor.js";

/** The tensor that an update writes: the parameter itself, where its old value is not needed any more, else a copy. */
export function targetOf(plan: Plan, node: GraphNode, input: Value, output: Value, origin: Origin): Tensor {
  const tensor = plan.tensor(input);
  if (mayOverwrite(plan, node, input, output)) return new Tensor(tensor.block, tensor.layout, tensor.offset);
  const copy = plan.allocate(tensor.layout);
  plan.copy(tensor, copy, origin);
  return copy;
}

/** True for a parameter that becomes `output` and whose value nobody reads after `node`. */
export function mayOverwrite(plan: Plan, node: GraphNode, input: Value, output: Value): boolean {
  const { graph, parameters } = plan;
  const parameter = parameters.parameter(input);
  if (!parameter) return false;
  const updates = graph.updates.filter(({ parameter: name }) => name === parameter.name);
  if (updates.length !== 1 || updates[0].value.id !== output.id) return false;
  // A reshaped parameter lies where the parameter does.
  const aliases = plan.valuesIn(plan.tensor(input).block);
  return [input, ...aliases].every((value) => isReadBy(plan, value, node));
}

/** True for a value that nobody reads after `last`. */
function isReadBy({ fusions, done }: Plan, value: Value, last: GraphNode): boolean {
  const { readers } = fusions;
  const isDone = (reader: GraphNode) => reader === last || done.has(fusions.head(reader));
  return !readers.kept(value) && readers.of(value).every(isDone);
}
