import { hostname } from "node:os";
import { analyse } from "../analysis/analyse.js";
import { type AnytimeCurve, anytimeCurves, type SearchRun } from "../analysis/anytime.js";
import { publishedClaims } from "../analysis/comparison.js";
import { finishedTrials } from "../analysis/fromStudy.js";
import { inferenceMemory } from "../analysis/memory.js";
import type { StudyLatency } from "../latency/study.js";
import { readTrials } from "../study/read.js";
import { canonical, inputOf } from "../study/spec.js";
import { writeAtomically } from "../study/storage.js";
import type { Study } from "../study/study.js";
import { doneTrials, failedTrials } from "../study/studyIndex.js";
import type { Trial, TrialRecord } from "../study/trial.js";
import { trialName } from "../study/trialName.js";
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
  /** See `studyLatency`. */
  readonly latency?: StudyLatency;
}

/** What one study's finished trials say, or several studies' side by side. */
export function studyReport(studies: readonly Study[], options: StudyReportOptions = {}): ReportDocument {
  const { language = "en", command, made = new Date(), latency } = options;
  const names = populationNames(studies);
  // Trainings that rested half way compare with no others.
  const done = studies.map((study) => doneTrials(study).filter(({ trial }) => trial.until === undefined));
  const remembered = withMemory(done);
  const trials = studies.flatMap((study, i) =>
    finishedTrials(study, done[i], {
      population: names[i],
      latency: ({ trial }) => latency?.of(study, trial.id),
      memory: ({ trial }) => (remembered.has(trial) ? inferenceMemory(trial.model, inputOf(study.spec)) : undefined),
    }),
  );
  const analysis = analyse(trials);
  const claims = publishedClaims(analysis.comparisons, {
    spaceOf: (population) => spaceName(studies[names.indexOf(population)]),
  });
  const anytime = studies.some(({ spec }) => spec.search) ? searchCurves(studies) : [];
  return {
    kind: "study",
    language,
    title: names.join(" · "),
    made: made.toISOString(),
    trials,
    failed: studies.reduce((sum, study) => sum + failedTrials(study), 0),
    analysis,
    ...(claims.length > 0 && { claims }),
    ...(anytime.length > 0 && { anytime }),
    ...(latency && { latency: latency.fit }),
    reproduction: { ...(command && { command }), ...factsOf(studies) },
  };
}

/** What several searches found, and when: a curve for those that differ in their seeds only. */
export function searchCurves(studies: readonly Study[]): AnytimeCurve[] {
  return anytimeCurves(searchRuns(studies));
}

/** The studies as searches; they have the same name where they differ in their seeds only. */
function searchRuns(studies: readonly Study[]): SearchRun[] {
  const kinds = studies.map(({ spec }) => spec.search?.kind ?? "random");
  const groups = studies.map(({ spec: { name: _, seed: __, trials: ___, ...rest } }) => canonical(rest));
  return studies.map((study, i) => {
    const others = groups.filter((group, j) => kinds[j] === kinds[i] && group !== groups[i]);
    const first = studies[groups.indexOf(groups[i])].spec.name;
    return { name: others.length > 0 ? `${kinds[i]} (${first})` : kinds[i], trainings: trainingsOf(study) };
  });
}

function trainingsOf(study: Study): SearchRun["trainings"] {
  const lengths = new Map<string, number>();
  return readTrials(study).map(({ trial, result }) => {
    const epochs = trial.until ?? study.spec.epochs;
    lengths.set(`trials/${trialName(trial.id)}`, epochs);
    const own = epochs - (lengths.get(trial.continues ?? "") ?? 0);
    return { epochs: own, error: result.state === "done" ? result.error : undefined };
  });
}

/** Counting a network's memory takes a millisecond: of more trials than so many, only so many are looked at. */
const MOST_REMEMBERED = 1500;

/** Trials whose memory is counted, evenly from the best to the worst. */
function withMemory(done: readonly (readonly TrialRecord[])[]): ReadonlySet<Trial> {
  const ordered = done.flat().sort((a, b) => errorOf(a) - errorOf(b));
  const stride = Math.max(1, ordered.length / MOST_REMEMBERED);
  const count = Math.floor(ordered.length / stride);
  return new Set(Array.from({ length: count }, (_, i) => ordered[Math.floor(i * stride)].trial));
}

function errorOf({ result }: TrialRecord): number {
  return result.state === "done" ? result.error : 1;
}

/** Writes a report as one HTML page. @throws StorageError where it cannot be written */
export function writeReport(file: string, document: ReportDocument): void {
  writeAtomically(file, reportPage(document));
}

/** The studies' names, with their numbers where two are the same. */
function populationNames(studies: readonly Study[]): string[] {
  const names = studies.map(({ spec }) => spec.name);
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${i + 1})`));
}

function spaceName({ spec: { space } }: Study): string {
  return typeof space === "string" ? space : String(space.name);
}

function factsOf(studies: readonly Study[]): ReportDocument["reproduction"] {
  const [{ spec }] = studies;
  const spaces = studies.map(spaceName);
  return {
    seed: String(spec.seed),
    machine: hostname(),
    data: spec.data,
    recipe: typeof spec.recipe === "string" ? spec.recipe : JSON.stringify(spec.recipe),
    space: [...new Set(spaces)].join(", "),
    limits: JSON.stringify(spec.limits),
  };
}
