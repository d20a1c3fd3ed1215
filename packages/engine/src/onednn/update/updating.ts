import type { GraphNode } from "@regnet/core";
import type { Plan } from "../plan/plan.js";

/** Adds the steps of several nodes of one op, attributes and shared inputs, and defines their outputs. */
export type Updating = (nodes: readonly GraphNode[], plan: Plan) => void;

const known = new WeakMap<Plan, Map<string, unknown>>();

/** What all nodes of one op, attributes and inputs from number `from` on share in a plan, made for the first of them. */
export function sharedBy<T>({ op, attributes, inputs }: GraphNode, from: number, plan: Plan, make: () => T): T {
  const made = known.get(plan) ?? new Map<string, unknown>();
  known.set(plan, made);
  const key = JSON.stringify([op, attributes, inputs.slice(from).map(({ id }) => id)]);
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as T;
}
