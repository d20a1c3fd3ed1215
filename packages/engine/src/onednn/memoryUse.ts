import type { MemoryUse } from "../engine.js";
import type { Ports } from "./lower/index.js";
import type { Assignment } from "./memory/assign.js";
import type { Plan } from "./plan/plan.js";
import { readsOf, type Step, writesOf } from "./plan/step.js";
import type { Block } from "./plan/tensor.js";

/**
 * What an executable holds: its arena, and the arrays that JavaScript sees. What never changes counts as parameters,
 * whether it is given, folded or repacked.
 *
 * @param checks steps that are not in the plan
 */
export function memoryUse(
  plan: Plan,
  ports: Ports,
  checks: readonly Step[],
  { bytes, permanentBytes, scratchBytes }: Assignment,
): MemoryUse {
  const arrays = arraysOf(plan, ports, checks);
  const parameters = permanentBytes + bytesOf(arrays.filter(({ constant }) => constant));
  const passing = Math.max(0, bytes - permanentBytes - scratchBytes);
  const activations = passing + bytesOf(arrays.filter(({ constant }) => !constant));
  return { parameters, activations, scratch: scratchBytes, total: parameters + activations + scratchBytes };
}

function arraysOf({ once, steps, parameters }: Plan, ports: Ports, checks: readonly Step[]): Block[] {
  const tensors = [
    ...[...once, ...steps, ...checks].flatMap((step) => [...readsOf(step), ...writesOf(step)]),
    ...ports.inputs.values(),
    ...ports.outputs.values(),
    ...parameters.planned.map(({ tensor }) => tensor),
  ];
  return [...new Set(tensors.map(({ block }) => block))].filter(({ array }) => array);
}

function bytesOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes, 0);
}
