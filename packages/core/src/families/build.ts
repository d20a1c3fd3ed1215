import type { Graph } from "../graph/graph.js";
import type { NetworkOptions } from "./input.js";
import { buildSpec, type ModelSpec } from "./model.js";
import { findModel } from "./published/index.js";

/** The spec of a model given by a published name or as it is. */
export function modelSpec(model: string | ModelSpec): ModelSpec {
  return typeof model === "string" ? findModel(model).spec : model;
}

/**
 * The inference graph of a published model or of a spec: input `image` [N,C,H,W], output `logits` [N,classes].
 * Parameter names are timm's.
 *
 * @throws RegnetError for an unknown name (with the nearest), or parameters that make no network
 */
export function buildModel(model: string | ModelSpec, options: NetworkOptions = {}): Graph {
  return buildSpec(modelSpec(model), options);
}
