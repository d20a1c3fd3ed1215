import { existsSync } from "node:fs";
import { invalid, missing, modelSpecSchema, parseDocument, RegnetError } from "@regnet/core";
import * as z from "zod";
import { recipeSchema } from "../recipe/schema.js";
import { readText, writeNew } from "./files.js";
import { RunLayout } from "./layout.js";

const count = z.int().nonnegative();

/** What a run is: `run.json`, written before the first step and not changed afterwards. */
export const runSpecSchema = z.strictObject({
  version: z.literal(1),
  /** When the run was begun, ISO 8601. */
  created: z.iso.datetime(),
  /** The network; `name` where it has a published one. */
  model: modelSpecSchema,
  name: z.string().max(200).optional(),
  /** Pixels a side, channels and classes that the network is built for. */
  resolution: z.int().min(1).max(4096),
  channels: z.int().min(1).max(16),
  classes: z.array(z.string().max(1000)).min(2).max(1_000_000),
  /** What the images are normalised by, of values scaled to 0…1. */
  normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) }),
  data: z.strictObject({
    /** What it was opened by, if by name or folder. */
    source: z.string().optional(),
    /** The resolution it was opened for, where one was given; the stored images depend on it. */
    resolution: z.int().positive().optional(),
    name: z.string(),
    fingerprint: z.string(),
    train: count,
    val: count,
    /** Whether some were held out of its val or training images. */
    holdOut: z.boolean().optional(),
    /** Images held out; absent in runs that were begun without. */
    test: count.optional(),
  }),
  /** The recipe as it was used: epochs, batch and learning rate are the run's own. */
  recipe: recipeSchema,
  /** Seconds the run was given, where it was given a time. */
  time: z.number().positive().optional(),
  /** Steps in all, where it was given those. */
  steps: z.int().positive().optional(),
  /** The folder of the run whose state it began with. */
  continues: z.string().optional(),
  seed: count,
  fineTune: z
    .strictObject({ source: z.string().optional(), newHead: z.boolean().optional(), freeze: count.optional() })
    .optional(),
  precision: z.enum(["fp32", "bf16"]),
  /** Epochs between evaluations. */
  evaluateEpochs: z.int().positive(),
  environment: z.strictObject({
    regnet: z.string(),
    node: z.string(),
    platform: z.string(),
    processor: z.string(),
    cores: count,
    engine: z.string(),
    engineVersion: z.string(),
    instructionSet: z.string(),
    threads: count,
  }),
});

/** A checked `run.json`. */
export type RunSpec = z.output<typeof runSpecSchema>;

/** Fields that may differ when a run is resumed. */
const FREE: ReadonlySet<string> = new Set(["created", "environment", "name", "continues"]);

/** The spec of the run in a folder. @throws RegnetError when there is none, or it is damaged */
export function readRunSpec(folder: string): RunSpec {
  const path = new RunLayout(folder).spec;
  const text = readText(path);
  if (text === undefined) throw missing(`run in ${folder}`, `${path} is not there; train one with regnet train`);
  return parseDocument(runSpecSchema, parseJson(text, path), path);
}

/** Whether a folder holds a run. */
export function isRun(folder: string): boolean {
  return existsSync(new RunLayout(folder).spec);
}

/** @throws RegnetError when the folder holds a run already, or meanwhile */
export function writeRunSpec(folder: string, spec: RunSpec): void {
  if (!writeNew(new RunLayout(folder).spec, `${JSON.stringify(spec, undefined, 2)}\n`)) throw holdsRun(folder);
}

/** The error for a folder that another run cannot begin in. */
export function holdsRun(folder: string): RegnetError {
  return new RegnetError(
    `${folder} holds a run already; go on with it by --resume, or give another folder (-o)`,
    "invalid",
    folder,
  );
}

/** The error for a folder that holds weights without the `run.json` that says what they are of. */
export function remainsOfRun(folder: string, weights: string): RegnetError {
  const { spec } = new RunLayout(folder);
  return missing(spec, `${weights} is what is left of a run; remove it, or give another folder (-o)`);
}

/** @throws RegnetError that names the first field in which a run differs from what it is to be resumed with */
export function assertSameRun(started: RunSpec, now: RunSpec): void {
  const [before, after] = [comparable(started), comparable(now)];
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (canonical(before[field]) === canonical(after[field])) continue;
    throw invalid(
      `${field} for resuming`,
      after[field],
      `${canonical(before[field])?.slice(0, 200)}, as the run was begun`,
      "resume with the same settings, or start in another folder",
    );
  }
}

/** What of the machine changes the last bits of a run's numbers. */
const NUMERIC = ["engine", "engineVersion", "instructionSet", "threads"] as const;

/** In words, where a run's numbers will not be those of an undisturbed one: what it was begun with, and what it has now. */
export function changedMachine({ environment: before }: RunSpec, { environment: now }: RunSpec): string | undefined {
  const changes = NUMERIC.filter((field) => before[field] !== now[field]).map(
    (field) => `${field} ${now[field]} in place of ${before[field]}`,
  );
  if (changes.length === 0) return undefined;
  return `${changes.join(", ")}: from here on not bit for bit as the run was begun`;
}

/** The fields that determine a run, as JSON has them. */
function comparable({
  data: { source: _, resolution: __, holdOut: ___, ...data },
  ...spec
}: RunSpec): Record<string, unknown> {
  const fields = Object.entries(JSON.parse(JSON.stringify({ ...spec, data })) as Record<string, unknown>);
  return Object.fromEntries(fields.filter(([name]) => !FREE.has(name)));
}

function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RegnetError(`corrupt ${path}: ${(error as Error).message}`, "corrupt", path);
  }
}
