import { invalid, missing, parseDocument, spaceSchema } from "@regnet/core";
import * as z from "zod";

const range = z
  .strictObject({ min: z.number().nonnegative().optional(), max: z.number().positive().optional() })
  .refine(({ min = 0, max = Number.POSITIVE_INFINITY }) => min <= max, "min must not exceed max");
const positive = z.number().positive();
/** A number is a budget: it may be used up, not exceeded. */
const limit = z.union([positive, range]);
const count = z.int().positive();

/** Version of `design.json`. */
export const DESIGN_VERSION = 2;

/** What a design is asked for: `design.json`. Everything its networks depend on is in here. */
export const designRequestSchema = z.strictObject({
  version: z.literal(DESIGN_VERSION),
  /** A data set's name, or an absolute folder. */
  data: z.string().min(1),
  /** Taken where `data` cannot be had. */
  fallback: z.string().min(1).optional(),
  /** Multiply-adds an image; several numbers ask for a family, one network a budget. */
  flops: z.union([limit, z.array(positive).min(2).max(16)]).optional(),
  params: limit.optional(),
  acts: limit.optional(),
  /** Milliseconds an image at inference on this device, batch 1. */
  latency: limit.optional(),
  /** Bytes of weights and of peak activations at inference, batch 1. */
  memory: limit.optional(),
  /** Seconds for all of it, images, exports and report included. */
  time: positive.max(30 * 86_400).default(600),
  /** A space's name or document. Default: the constrained RegNetY, or its form for small images. */
  space: z.union([z.string().min(1), spaceSchema]).optional(),
  /** Pixels a side. Default: what the images have and the budget affords. */
  resolution: count.max(4096).optional(),
  /** A recipe's name or document; `design` reads one that is given as a file. */
  recipe: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).default("quick"),
  seed: z
    .int()
    .nonnegative()
    .max(2 ** 31)
    .default(0),
  engine: z.enum(["onednn", "onnxruntime"]).optional(),
  /** `auto`: the faster one here. */
  precision: z.enum(["auto", "fp32", "bf16"]).default("auto"),
  /** Networks trained at once while several race. Default: one a processor. */
  workers: count.max(1024).optional(),
  /** Networks that race with their weights: runs' folders, files of weights, `hf:owner/name`. */
  pretrained: z.array(z.string().min(1)).max(16).optional(),
  /** Threads of the winner's training. Default: all processors of this machine. */
  threads: count.max(1024).optional(),
  /** Networks in the race of each budget. Default: as many as the time affords. */
  entrants: count.max(1024).optional(),
  /**
   * Steps of the network that wins, in place of a time that decides: the same request then ends with the same bits on the
   * same machine. `time` bounds nothing then.
   */
  steps: count.max(10_000_000).optional(),
});

/** A checked request. */
export type DesignRequest = z.output<typeof designRequestSchema>;
/** A request as people write it. */
export type DesignRequestInput = Omit<z.input<typeof designRequestSchema>, "version">;
/** A closed range; an end left out is open. */
export type Range = z.output<typeof range>;

const BUDGETS = ["flops", "params", "acts", "latency", "memory"] as const;
/** From one budget of a family to the next: a network may have a tenth less than its own, and must not be its neighbour's. */
const LEAST_STEP = 1.15;
/** The quantities a design can be given a budget of. */
export type BudgetName = (typeof BUDGETS)[number];

/** @throws RegnetError that names the field that is wrong, or the budget that is missing */
export function parseDesignRequest(document: DesignRequestInput): DesignRequest {
  const request = parseDocument(designRequestSchema, { version: DESIGN_VERSION, ...document }, "design");
  if (BUDGETS.every((name) => request[name] === undefined))
    throw missing("budget", "give at least one of flops, params, acts, latency, memory");
  const close = (budgetsOf(request) ?? []).some((budget, i, all) => i > 0 && budget < LEAST_STEP * all[i - 1]);
  if (close) throw invalid("design.flops", request.flops, "budgets at least 15 % apart", "leave out the others");
  return request;
}

/** Whether a request asks for one network a budget. */
export function budgetsOf({ flops }: DesignRequest): number[] | undefined {
  return Array.isArray(flops) ? [...flops].sort((a, b) => a - b) : undefined;
}
