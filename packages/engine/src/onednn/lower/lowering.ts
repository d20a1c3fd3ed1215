import type { GraphNode } from "@regnet/core";
import type { Plan } from "../plan/plan.js";

/** Adds the steps of one node, and what it has absorbed, to a plan, and defines the node's outputs. */
export type Lowering = (node: GraphNode, plan: Plan) => void;

/** The origin of a node's own steps. */
export function originOf({ name, op }: GraphNode): { node: string; op: string } {
  return { node: name, op };
}
