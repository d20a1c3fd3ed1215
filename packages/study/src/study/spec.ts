import { invalid, type NetworkOptions, parseDocument, RegnetError } from "@regnet/core";
import * as z from "zod";
import { searchSchema } from "../search/schema.js";

/** Version of the study folder's format. */
export const STUDY_VERSION = 1;
/** Most trials a study may have. */
export const TRIALS_LIMIT = 1_000_000;

const range = z
  .strictObject({ min: z.number().nonnegative().optional(), max: z.number().positive().optional() })
  .refine(({ min = 0, max = Number.POSITIVE_INFINITY }) => min <= max, "min must not exceed max")
  .readonly();

const limits = z
  .strictObject({
    flops: range.optional(),
    params: range.optional(),
    acts: range.optional(),
    stages: range.optional(),
    depth: range.optional(),
    latency: range.optional(),
    memory: range.optional(),
  })
  .readonly();

const coefficient = z.number().nonnegative();
const latencyModel = z
  .strictObject({
    flops: coefficient,
    second: coefficient,
    secondTerm: z.enum(["acts", "sqrtFlops"]),
    depth: coefficient,
    constant: coefficient,
  })
  .readonly();

const positive = z.number().int().positive();

/**
 * What a study is: `study.json`. Immutable once the study has started, but for the number of trials, which may grow.
 * Everything that a result depends on is in here, so that the same document gives the same results on the same machine.
 */
export const studySpecSchema = z
  .strictObject({
    version: z.literal(STUDY_VERSION),
    /** For people and reports. */
    name: z.string().min(1).max(200),
    /** `train` trains every network; `simulate` computes a made-up error from the network in about a millisecond. */
    task: z.enum(["train", "simulate"]).default("train"),
    /** A design space's name, or its document. */
    space: z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
    /** Limits on flops, params, acts, stages, depth, latency (milliseconds), memory (bytes) of the networks sampled. */
    limits: limits.default({}),
    /** What predicts latency, in milliseconds; there where latency is limited. */
    latencyModel: latencyModel.optional(),
    /** How the networks are chosen. Default: drawn from the space, each apart from all others. */
    search: searchSchema.readonly().optional(),
    /** Seed of the sampling; trial i trains with seed + i, unless `seeds` says otherwise. */
    seed: z
      .number()
      .int()
      .nonnegative()
      .max(2 ** 31)
      .default(0),
    /** Trials that the study starts with; of a search, its trainings. */
    trials: positive.max(TRIALS_LIMIT),
    /** A data set's name, or an absolute folder. */
    data: z.string().min(1).default("shapes"),
    /** Whether some images are held out, which no trial is judged by. */
    holdOut: z.boolean().default(false),
    /** Images of a split that every trial uses, drawn by the study's seed. Default: all of them. */
    subset: z.strictObject({ train: positive.optional(), val: positive.optional() }).readonly().optional(),
    /** A recipe's name, or its document. */
    recipe: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).default("dds"),
    /** Pixels a side. */
    resolution: positive.max(4096).default(32),
    /** Channels and classes of the images; the complexity of the networks depends on them. */
    channels: positive.max(4).default(3),
    classes: positive.max(100_000).default(10),
    epochs: positive.max(100_000).default(10),
    /** In place of epochs: steps, or seconds of training and evaluation. */
    steps: positive.optional(),
    time: z.number().positive().optional(),
    /** Where a training rests: once so many steps are done, or so many seconds were spent in steps. */
    pause: z
      .strictObject({ steps: positive.optional(), seconds: z.number().positive().optional() })
      .readonly()
      .optional(),
    /** Images a step. */
    batch: positive.max(65_536).default(128),
    /** Default: the fastest that this machine has. Fix it where several machines share a study. */
    engine: z.enum(["onednn", "onnxruntime"]).optional(),
    precision: z.enum(["fp32", "bf16"]).default("fp32"),
    /** Threads of each trial. */
    threads: positive.max(1024).default(1),
    /** `same`: every trial trains with the study's seed, so that all see the same images in the same order. */
    seeds: z.enum(["each", "same"]).default("each"),
    /** What is kept of a trial that is done: its numbers; its best weights; or all its state, so that it can go on. */
    weights: z.enum(["none", "best", "state"]).default("none"),
    /** For `simulate`: how long a trial takes, and the trials whose process dies half way, every time. */
    simulate: z
      .strictObject({
        milliseconds: z.number().nonnegative().max(3_600_000).default(1),
        crash: z.array(z.number().int().nonnegative()).readonly().optional(),
      })
      .readonly()
      .optional(),
  })
  .readonly();

/** A checked study document. See {@link studySpecSchema} for its fields. */
export type StudySpec = z.output<typeof studySpecSchema>;
/** A study document as people write it: fields with defaults may be left out. */
export type StudySpecInput = z.input<typeof studySpecSchema>;
/** Limits on the networks of a study. */
export type StudyLimits = StudySpec["limits"];

/** What networks for a study's images, or a design's, look like from outside. */
export function inputOf(images: {
  readonly resolution: number;
  readonly channels: number;
  readonly classes: number;
}): NetworkOptions {
  const { resolution, channels, classes } = images;
  return { resolution, channels, classes };
}

/** Checks a study document. @throws RegnetError that names the fields that are wrong */
export function parseStudySpec(document: unknown, source = "study"): StudySpec {
  return expectSearchable(withLatencyModel(parseDocument(studySpecSchema, document, source), source), source);
}

/** A search by rungs counts in epochs, and goes on with trainings whose state was kept. */
function expectSearchable(spec: StudySpec, source: string): StudySpec {
  const { search, weights, steps, time, pause } = spec;
  if (search?.kind !== "halving" && search?.kind !== "asha") return spec;
  if (weights !== "state")
    throw invalid(`${source}.weights`, weights, `state, for ${search.kind} goes on with trainings`);
  const other = Object.entries({ steps, time, pause }).find(([, value]) => value !== undefined);
  if (other) throw invalid(`${source}.${other[0]}`, other[1], `nothing: ${search.kind} counts in epochs`);
  return spec;
}

function withLatencyModel(spec: StudySpec, source: string): StudySpec {
  if (!spec.limits.latency || spec.latencyModel) return spec;
  const remedy = "regnet study new --latency fits one to networks measured on the device";
  throw new RegnetError(`missing ${source}.latencyModel for the limit on latency; ${remedy}`, "missing", source);
}

/** The names of the fields in which two specs differ, but for `trials`, which may grow. */
export function changedFields(started: StudySpec, now: StudySpec): string[] {
  const fields = new Set([...Object.keys(started), ...Object.keys(now)] as (keyof StudySpec)[]);
  fields.delete("trials");
  return [...fields].filter((field) => canonical(started[field]) !== canonical(now[field]));
}

/** JSON with sorted keys, so that equal documents give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner)) ?? "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
