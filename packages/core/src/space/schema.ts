import * as z from "zod";
import { DEPTH_LIMIT, WIDTH_LIMIT } from "../rule/parameters.js";
import { samplers } from "./samplers.js";

const names = samplers.map(({ name }) => name) as [string, ...string[]];

const ranged = z.strictObject({
  /** A sampler's name; see `samplers`. */
  sampler: z.enum(names),
  min: z.number().min(0).max(WIDTH_LIMIT),
  max: z.number().min(0).max(WIDTH_LIMIT),
  /** The values are multiples of it. Default: 8 for widths, 0.1 for wa, 0.001 for wm, 1 for the rest. */
  quantum: z.number().positive().max(WIDTH_LIMIT).optional(),
});

const CHOICES = 1000;

/** How a parameter is drawn: a number (always that), a list (any of them, alike), or a sampler's name and a range. */
const parameter = z.union([
  z.number().min(0).max(WIDTH_LIMIT),
  z.array(z.number().min(0).max(WIDTH_LIMIT)).min(1).max(CHOICES),
  ranged,
]);

const STAGES = 16;
const stageCount = z.int().min(1).max(STAGES);
const stages = z
  .union([stageCount, z.strictObject({ min: stageCount, max: stageCount })])
  .refine((s) => typeof s === "number" || s.min <= s.max, "min must not exceed max");

const width = z.int().min(1).max(WIDTH_LIMIT);

/** What every network of a space has alike, besides its stages. */
const network = z.strictObject({
  stem: z.enum(["simple", "cifar", "patchify"]).optional(),
  stemWidth: width.optional(),
  activation: z.enum(["relu", "silu"]).optional(),
  linear: z.boolean().optional(),
  headWidth: z.int().min(0).max(WIDTH_LIMIT).optional(),
});

/**
 * `of` is at most constant + perFlop·flops + perRootFlop·√flops. Counted as if the images were of 224² pixels and the
 * stem had stride 2, so that one bound serves every resolution.
 */
const bound = z.strictObject({
  of: z.enum(["params", "acts"]),
  constant: z.number().min(0).optional(),
  perFlop: z.number().min(0).optional(),
  perRootFlop: z.number().min(0).optional(),
});

const head = {
  name: z.string().min(1).max(100),
  summary: z.string().max(1000).optional(),
  bounds: z.array(bound).max(8).optional(),
};

const regnet = z.strictObject({
  ...head,
  family: z.literal("regnet"),
  /** Stages a network may have. Default: any number. */
  stages: stages.optional(),
  parameters: z.strictObject({
    w0: parameter,
    wa: parameter,
    wm: parameter,
    depth: parameter,
    groupWidth: parameter,
    bottleneck: parameter.optional(),
    se: parameter.optional(),
  }),
  network: network.extend({ convention: z.enum(["pycls", "torchvision"]).optional() }).optional(),
});

const perStage = z.enum(["depth", "width", "groupWidth", "bottleneck"]);

const anynet = z.strictObject({
  ...head,
  family: z.literal("anynet"),
  /** A number, or a range from which it is drawn. */
  stages,
  parameters: z.strictObject({
    depth: parameter,
    width: parameter,
    groupWidth: parameter,
    bottleneck: parameter.optional(),
    se: parameter.optional(),
  }),
  /** Drawn once for all stages. */
  shared: z.array(perStage).max(4).optional(),
  /** Never fall from one stage to the next. */
  rising: z
    .array(z.enum(["depth", "width"]))
    .max(2)
    .optional(),
  network: network.optional(),
});

const convnext = z.strictObject({
  ...head,
  family: z.literal("convnext"),
  /** A number, or a range from which it is drawn. */
  stages,
  parameters: z.strictObject({
    /** Channels of the first stage. */
    width: parameter,
    /** Factor from one stage's channels to the next. */
    growth: parameter.optional(),
    /** Blocks of a stage: one entry for all, or one a stage. */
    depth: z.union([parameter, z.strictObject({ each: z.array(parameter).min(1).max(STAGES) })]),
  }),
  network: z
    .strictObject({ stem: z.enum(["patchify", "cifar"]).optional(), dropPath: z.number().min(0).lt(1).optional() })
    .optional(),
});

/** The schema of a design space's document, JSON or YAML; unknown fields are refused. */
export const spaceSchema = z.discriminatedUnion("family", [regnet, anynet, convnext]);

/** A design space as data: how each parameter is drawn, and what the networks must satisfy. */
export type SpaceDocument = z.output<typeof spaceSchema>;
/** A space of networks by the RegNet rule. */
export type RegNetSpace = z.output<typeof regnet>;
/** A space of networks given stage by stage (paper §3.2). */
export type AnyNetSpace = z.output<typeof anynet>;
/** A space of ConvNeXts. */
export type ConvNeXtSpace = z.output<typeof convnext>;
/** How a parameter is drawn. */
export type ParameterSampler = z.output<typeof parameter>;
/** An upper bound on params or acts that grows with flops. */
export type ComplexityBound = z.output<typeof bound>;
/** Most blocks and stages a space may ask for. */
export const SPACE_LIMITS = { depth: DEPTH_LIMIT, stages: STAGES } as const;

/** The same as a JSON Schema document, for editors that complete and check YAML and JSON. */
export function spaceJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(spaceSchema, { io: "input" });
}
