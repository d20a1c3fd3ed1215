import * as z from "zod";
import { parseDocument } from "../document.js";
import type { Graph } from "../graph/graph.js";
import { type Convention, DEPTH_LIMIT, type RegNetParameters, WIDTH_LIMIT } from "../rule/parameters.js";
import { type AnyNetSpec, anynet } from "./anynet.js";
import { type ConvNeXtSpec, convnext } from "./convnext.js";
import type { NetworkOptions } from "./input.js";
import { regnet } from "./regnet.js";

/** A RegNet by the parameters of its rule; RegNetX, or Y where `se` > 0, or Z where `linear` is set too. */
export interface RegNetModel extends RegNetParameters, Omit<AnyNetSpec, "stages" | "se"> {
  readonly family: "regnet";
  /** Default "pycls". */
  readonly convention?: Convention;
}

/** A network given stage by stage. */
export interface AnyNetModel extends AnyNetSpec {
  readonly family: "anynet";
}

/** A ConvNeXt. */
export interface ConvNeXtModel extends ConvNeXtSpec {
  readonly family: "convnext";
}

/** A network as plain data: what runs, trials and exports keep as JSON. Input size and classes are not part of it. */
export type ModelSpec = RegNetModel | AnyNetModel | ConvNeXtModel;

const width = z.int().min(1).max(WIDTH_LIMIT);
const depth = z.int().min(1).max(DEPTH_LIMIT);
const se = z.number().min(0).max(1);
const bottleneck = z.number().positive().max(WIDTH_LIMIT);

const blocks = {
  stem: z.enum(["simple", "cifar", "patchify"]).optional(),
  stemWidth: width.optional(),
  activation: z.enum(["relu", "silu"]).optional(),
  linear: z.boolean().optional(),
  headWidth: z.int().min(0).max(WIDTH_LIMIT).optional(),
};

const regnetSchema = z.strictObject({
  family: z.literal("regnet"),
  w0: width,
  wa: z.number().min(0).max(WIDTH_LIMIT),
  wm: z.number().gt(1).max(64),
  depth,
  groupWidth: width,
  bottleneck: bottleneck.optional(),
  se: se.optional(),
  convention: z.enum(["pycls", "torchvision"]).optional(),
  ...blocks,
});

const stageSchema = z.strictObject({
  depth,
  width,
  groupWidth: width,
  bottleneck: bottleneck.optional(),
  stride: z.int().min(1).max(8).optional(),
});

const STAGE_LIMIT = 16;

const anynetSchema = z.strictObject({
  family: z.literal("anynet"),
  stages: z.array(stageSchema).min(1).max(STAGE_LIMIT),
  se: se.optional(),
  ...blocks,
});

const convnextSchema = z.strictObject({
  family: z.literal("convnext"),
  depths: z.array(depth).min(1).max(STAGE_LIMIT),
  widths: z.array(width).min(1).max(STAGE_LIMIT),
  dropPath: z.number().min(0).lt(1).optional(),
  stem: z.enum(["patchify", "cifar"]).optional(),
  layerScale: z.number().min(0).max(1).optional(),
});

/** The schema of a `ModelSpec`; unknown fields are refused. */
export const modelSpecSchema: z.ZodType<ModelSpec> = z.discriminatedUnion("family", [
  regnetSchema,
  anynetSchema,
  convnextSchema,
]);

/**
 * A `ModelSpec` from a parsed JSON document.
 *
 * @throws RegnetError that names the fields that are wrong
 */
export function parseModelSpec(document: unknown): ModelSpec {
  return parseDocument(modelSpecSchema, document, "model");
}

/** The inference graph of a model: input `image` [N,C,H,W], output `logits` [N,classes]. */
export function buildSpec(spec: ModelSpec, options: NetworkOptions = {}): Graph {
  switch (spec.family) {
    case "regnet":
      return regnet(spec, { ...spec, ...options });
    case "anynet":
      return anynet(spec, options);
    case "convnext":
      return convnext(spec, options);
    default:
      throw new TypeError(`unreachable family: ${JSON.stringify(spec satisfies never)}`);
  }
}
