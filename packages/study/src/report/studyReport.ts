import { hostname } from "node:os";
import { analyse } from "../analysis/analyse.js";
import { finishedTrials } from "../analysis/fromStudy.js";
import { writeAtomically } from "../study/storage.js";
import type { Study } from "../study/study.js";
import { StudyIndex } from "../study/studyIndex.js";
import type { TrialRecord } from "../study/trial.js";
import type { ReportDocument } from "./document.js";
import type { Language } from "./messages/index.js";
import { reportPage } from "./page/page.js";

export interface StudyReportOptions {
  /** Default "en". */
  readonly language?: Language;
  /** What made the report. */
  readonly command?: string;
  /** Default: now. */
  readonly made?: Date;
}

/** What one study's finished trials say, or several studies' side by side. */
export function studyReport(studies: readonly Study[], options: StudyReportOptions = {}): ReportDocument {
  const { language = "en", command, made = new Date() } = options;
  const names = populationNames(studies);
  const trials = studies.flatMap((study, i) => finishedTrials(study, doneOf(study), { population: names[i] }));
  return {
    kind: "study",
    language,
    title: names.join(" · "),
    made: made.toISOString(),
    trials,
    analysis: analyse(trials),
    reproduction: { ...(command && { command }), ...factsOf(studies) },
  };
}

/** Writes a report as one HTML page. @throws StorageError where it cannot be written */
export function writeReport(file: string, document: ReportDocument): void {
  writeAtomically(file, reportPage(document));
}

function doneOf(study: Study): TrialRecord[] {
  const index = StudyIndex.open(study);
  try {
    return index.list({ state: "done" });
  } finally {
    index.close();
  }
}

/** The studies' names, with their numbers where two are the same. */
function populationNames(studies: readonly Study[]): string[] {
  const names = studies.map(({ spec }) => spec.name);
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${i + 1})`));
}

function factsOf(studies: readonly Study[]): ReportDocument["reproduction"] {
  const [{ spec }] = studies;
  const spaces = studies.map(({ spec: { space } }) => (typeof space === "string" ? space : String(space.name)));
  return {
    seed: String(spec.seed),
    machine: hostname(),
    data: spec.data,
    recipe: typeof spec.recipe === "string" ? spec.recipe : JSON.stringify(spec.recipe),
    space: [...new Set(spaces)].join(", "),
    limits: JSON.stringify(spec.limits),
  };
}
