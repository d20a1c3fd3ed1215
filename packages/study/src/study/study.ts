import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { missing, RegnetError } from "@regnet/core";
import { makeFolder } from "@regnet/train/files";
import * as z from "zod";
import { StudyLayout } from "./layout.js";
import {
  canonical,
  changedFields,
  parseStudySpec,
  type StudySpec,
  type StudySpecInput,
  studySpecSchema,
} from "./spec.js";
import { createExclusively, parseJson, readJson, readText, writeAtomically } from "./storage.js";

/** How many networks a sampler had to draw, and why it dropped the others. */
const acceptanceSchema = z
  .strictObject({
    drawn: z.number().int().nonnegative(),
    accepted: z.number().int().nonnegative(),
    rejected: z.record(z.string(), z.number().int().nonnegative()).readonly(),
  })
  .readonly();

/** `sampled.json`: the population is there as a whole. */
export const sampledSchema = z
  .strictObject({
    /** The document that it was sampled from. */
    spec: studySpecSchema,
    /** Trials that the study has by now. */
    trials: z.number().int().positive(),
    /** Trials that a search will choose once these have ended. */
    toCome: z.number().int().positive().optional(),
    /** SHA-256 of the networks, one canonical JSON text a line. */
    population: z.string(),
    acceptance: acceptanceSchema,
  })
  .readonly();

const startedSchema = z.object({ spec: studySpecSchema });

export type Acceptance = z.output<typeof acceptanceSchema>;
export type Sampled = z.output<typeof sampledSchema>;

/** An opened study. Frozen: what changes is in the folder. */
export interface Study {
  /** Absolute. */
  readonly folder: string;
  readonly spec: StudySpec;
  readonly layout: StudyLayout;
  /** Absent until the population has been sampled. */
  readonly sampled?: Sampled;
}

/**
 * Makes a study's folder with its `study.json`. The same document again changes nothing.
 * @throws RegnetError where the folder holds another study that has started, or something else
 */
export function createStudy(folder: string, document: Omit<StudySpecInput, "version">): Study {
  const spec = parseStudySpec({ version: 1, ...document });
  const layout = new StudyLayout(resolve(folder));
  refuseOther(layout, spec);
  makeFolder(layout.folder);
  writeAtomically(layout.spec, `${JSON.stringify(spec, null, 2)}\n`);
  return openStudy(layout.folder);
}

/** Opens a study's folder. @throws RegnetError where it is none, or where its document was changed after its start */
export function openStudy(folder: string): Study {
  const layout = new StudyLayout(resolve(folder));
  const text = readText(layout.spec);
  if (text === undefined) throw missing(`study ${folder}`, "make one with: regnet study new FOLDER --space …");
  const document = parseJson(text);
  if (document === undefined) throw new RegnetError(`corrupt ${layout.spec}: not JSON`, "corrupt", layout.spec);
  const spec = parseStudySpec(document, basename(layout.spec));
  const sampled = readSampled(layout);
  const before = readStarted(layout) ?? sampled?.spec;
  const changed = before ? changedFields(before, spec) : [];
  if (changed.length > 0 && hasStarted({ layout })) throw changedStudy(layout, changed);
  const isCurrent = sampled && changedFields(sampled.spec, spec).length === 0;
  return { folder: layout.folder, spec, layout, ...(isCurrent && { sampled }) };
}

/** Whether any trial was ever begun: from then on nothing of the study may be drawn otherwise or thrown away. */
export function hasStarted({ layout }: Pick<Study, "layout">): boolean {
  return existsSync(layout.started) || trialFolders(layout).some((files) => files.length > 1);
}

/** The files of every trial's folder, its network's among them. */
export function trialFolders({ trials }: StudyLayout): string[][] {
  if (!existsSync(trials)) return [];
  return readdirSync(trials, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readdirSync(join(trials, name)));
}

/** The study's population. @throws RegnetError where it has not been sampled */
export function requireSampled(study: Study): Sampled {
  if (study.sampled) return study.sampled;
  throw missing(`population of ${study.folder}`, "sample it with: regnet study run");
}

/** Trials that the study has, and those that its search will choose. */
export function totalOf(study: Study): number {
  const { trials, toCome = 0 } = requireSampled(study);
  return trials + toCome;
}

/** Notes that results exist, so that the document may no longer change. */
export function markStarted(study: Study): void {
  if (existsSync(study.layout.started)) return;
  createExclusively(study.layout.started, `${canonical({ spec: study.spec })}\n`);
}

/** The document as it was when the first trial began; undefined before, and where it is lost or torn. */
function readStarted(layout: StudyLayout): StudySpec | undefined {
  const parsed = startedSchema.safeParse(readJson(layout.started));
  return parsed.success ? parsed.data.spec : undefined;
}

function readSampled(layout: StudyLayout): Sampled | undefined {
  const parsed = sampledSchema.safeParse(readJson(layout.sampled));
  return parsed.success ? parsed.data : undefined;
}

function refuseOther(layout: StudyLayout, spec: StudySpec): void {
  const before = readStarted(layout) ?? readSampled(layout)?.spec;
  const changed = before ? changedFields(before, spec) : [];
  if (changed.length > 0 && hasStarted({ layout })) throw changedStudy(layout, changed);
}

function changedStudy(layout: StudyLayout, changed: readonly string[]): RegnetError {
  const what = changed.join(", ");
  const place = existsSync(layout.started) ? layout.started : layout.sampled;
  const remedy = `restore ${changed.length > 1 ? "them" : "it"} as in ${place}, or make a new study`;
  return new RegnetError(`the study ${layout.folder} has started, but its ${what} changed; ${remedy}`, "invalid", what);
}
