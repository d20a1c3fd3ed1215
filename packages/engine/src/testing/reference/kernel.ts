import type { GraphNode } from "@regnet/core";
import type { Tensor } from "./tensor.js";

/** Computes a node's outputs from its inputs, in the order of the op's documentation. */
export type Kernel = (inputs: readonly Tensor[], node: GraphNode) => Tensor[];
