import { complexityOf, type GraphComplexity, type PartComplexity, partsOf } from "../graph/complexity.js";
import { applyRule, type RuleResult } from "../rule/rule.js";
import { buildModel } from "./build.js";
import type { NetworkOptions } from "./input.js";
import type { ModelSpec } from "./model.js";
import { findModel, type PublishedModel } from "./published/index.js";

/** All there is to say of a network before it is trained. */
export interface ModelDescription extends GraphComplexity {
  /** Its published name, when it was asked for by name. */
  readonly name?: string;
  readonly spec: ModelSpec;
  /** What it was described for. */
  readonly options: Required<NetworkOptions>;
  /** What the rule made of the parameters, with its adjustments; only for RegNets. */
  readonly rule?: RuleResult;
  /** Stem, stages and head, each with its share. */
  readonly parts: readonly PartComplexity[];
  /** The published figures, when it was asked for by name. */
  readonly published?: PublishedModel["published"];
}

/**
 * Stages and complexity of a model given by its published name or its spec, for one image of 224² in 3 channels and
 * 1000 classes unless told otherwise.
 */
export function describe(model: string | ModelSpec, options: NetworkOptions = {}): ModelDescription {
  const known = typeof model === "string" ? findModel(model) : undefined;
  const spec = known?.spec ?? (model as ModelSpec);
  const { batch = 1, resolution = 224, channels = 3, classes = 1000 } = options;
  const full = { batch, resolution, channels, classes };
  const graph = buildModel(spec, full);
  const rule = spec.family === "regnet" ? applyRule(spec, spec.convention) : undefined;
  const description = { spec, options: full, rule, parts: partsOf(graph), ...complexityOf(graph) };
  return known ? { name: known.name, ...description, published: known.published } : description;
}
