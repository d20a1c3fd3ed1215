import type { GraphNode } from "@regnet/core";
import type { Plan } from "../plan/plan.js";

/** Adds the steps of several nodes of one op, attributes and shared inputs, and defines their outputs. */
export type Updating = (nodes: readonly GraphNode[], plan: Plan) => void;
