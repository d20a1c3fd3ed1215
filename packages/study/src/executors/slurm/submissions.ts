import { createHash } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DataSetHandle } from "@regnet/train";
import * as z from "zod";
import { createExclusively, explainStorage, readJson, systemCode } from "../../study/storage.js";
import type { Study } from "../../study/study.js";

const submissionSchema = z
  .strictObject({
    /** The job's name: by it the jobs are found again, whatever became of who submitted them. */
    name: z.string(),
    /** For every array task, the trials that it runs one after another. */
    tasks: z.array(z.array(z.number().int().nonnegative()).readonly()).readonly(),
    /** Where the images are, for nodes that see the same cache. */
    images: z.custom<DataSetHandle>(isHandle).optional(),
  })
  .readonly();

/** A job array as it was submitted: `slurm/00001.json`. */
export type Submission = z.output<typeof submissionSchema>;
/** One with the file that it is in. */
export type RecordedSubmission = Submission & { readonly file: string };

/** The log of an array task. */
export function logOf(study: Study, { name }: Pick<Submission, "name">, index: number): string {
  return join(study.layout.slurm, `${name}_${index}.log`);
}

/** Where an array task says for what reason the whole study cannot go on. */
export function fatalOf(study: Study, { name }: Pick<Submission, "name">, index: number): string {
  return join(study.layout.slurm, `${name}_${index}.fatal.json`);
}

/** Everything that was submitted for a study, in order. */
export function readSubmissions(study: Study): Submission[] {
  const files = listed(study.layout.slurm).filter((name) => /^\d{5,}\.json$/.test(name));
  return files.sort().flatMap((name) => readSubmission(join(study.layout.slurm, name)) ?? []);
}

/** One of them, or undefined where the file is torn. */
export function readSubmission(file: string): Submission | undefined {
  const parsed = submissionSchema.safeParse(readJson(file));
  return parsed.success ? parsed.data : undefined;
}

/** Notes an array that is about to be submitted. */
export function recordSubmission(
  study: Study,
  tasks: readonly (readonly number[])[],
  images?: DataSetHandle,
): RecordedSubmission {
  const folder = study.layout.slurm;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw explainStorage(error, folder);
  }
  for (let number = listed(folder).length + 1; ; number++) {
    const submission = { name: `regnet-${identity(study)}-${number}`, tasks, images };
    const file = join(folder, `${String(number).padStart(5, "0")}.json`);
    if (createExclusively(file, `${JSON.stringify(submission)}\n`)) return { ...submission, file };
  }
}

function isHandle(value: unknown): boolean {
  return typeof value === "object" && value !== null && "pack" in value && typeof value.pack === "string";
}

/** Differs between studies that one person runs on one cluster. */
function identity({ folder }: Study): string {
  return createHash("sha256").update(folder).digest("hex").slice(0, 10);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw explainStorage(error, folder);
  }
}
