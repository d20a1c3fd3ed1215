import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type ModelSpec, RegnetError } from "@regnet/core";
import { readResult, readTrial } from "./read.js";
import { canonical, type StudySpec, TRIALS_LIMIT } from "./spec.js";
import { explainStorage, writeAtomically } from "./storage.js";
import { type Acceptance, hasStarted, openStudy, requireSampled, type Sampled, type Study, totalOf } from "./study.js";
import type { Trial, TrialResult } from "./trial.js";
import { trialId } from "./trialName.js";

/** A network that a sampler drew. */
export interface SampledNetwork {
  readonly model: ModelSpec;
  /** At the study's resolution, of one image. */
  readonly complexity: Trial["complexity"];
  /** The run whose state its trial goes on from; relative to the study's folder. */
  readonly continues?: string;
  /** The weights that its trial starts from: a run's folder, a file, `hf:owner/name`. */
  readonly from?: string;
  /** Epochs after which its trial rests. */
  readonly until?: number;
  /** Number of the trial that it has the seed of. Default: its own. */
  readonly seedOf?: number;
}

/** What a sampler drew for a study. */
export interface Population {
  /** Fewer than were asked for where the next ones depend on what becomes of these. */
  readonly networks: readonly SampledNetwork[];
  readonly acceptance: Acceptance;
}

/** The result of a trial, or undefined while there is none. */
export type ResultOf = (id: number) => TrialResult | undefined;

/**
 * Draws the networks of a study. The same spec and results give the same networks, and more of them begin with the same
 * ones: so a study can grow, and a lost trial folder can be written again.
 */
export type Sampler = (spec: StudySpec, trials: number, resultOf: ResultOf) => Population | Promise<Population>;

/**
 * Draws the population of a study and writes its trial folders: a step of its own, before any trial runs. Called again
 * it adds trials up to `trials`, and writes trial files that were lost. Where `sampled.json` is lost or torn after trials
 * have begun, the population is drawn again and compared with the trials that are there. Only one process may call it at
 * a time: hold the study's coordinator claim.
 *
 * @param trials total; default: as many as the study has
 * @returns the study with its population, the number of trial files written, and whether `sampled.json` had to be made
 * again for trials that were there
 * @throws RegnetError where fewer trials are asked for than there are, or where other networks are drawn than before
 */
export async function sampleStudy(
  study: Study,
  sampler: Sampler,
  trials?: number,
): Promise<{ study: Study; written: number; again: boolean }> {
  const before = study.sampled;
  if (!before && !hasStarted(study)) rmSync(study.layout.trials, { recursive: true, force: true });
  const there = before?.trials ?? foldersOf(study);
  const total = Math.max(trialsOf(study, trials), there);
  const lost = lostTrials(study, there);
  if (before && total === before.trials && lost.length === 0) return { study, written: 0, again: false };
  const population = await sampler(study.spec, total, (id) => readResult(study, id));
  const found = population.networks.length;
  const written = [...lost.filter((id) => id < found), ...range(there, found)];
  // A search knows what it asked for last only once the results that are gone are there again.
  if (before && found < before.trials) {
    for (const id of written) writeTrial(study, id, population.networks[id]);
    return { study, written: written.length, again: false };
  }
  if (before) expectSameBeginning(study, before, population);
  else expectSameTrials(study, Math.min(there, found), population);
  for (const id of written) writeTrial(study, id, population.networks[id]);
  const sampled: Sampled = {
    spec: study.spec,
    trials: found,
    ...(found < total && { toCome: total - found }),
    population: digest(population.networks, found),
    acceptance: population.acceptance,
  };
  writeAtomically(study.layout.sampled, `${JSON.stringify(sampled, null, 2)}\n`);
  return { study: openStudy(study.folder), written: written.length, again: !before && there > 0 };
}

/** Writes the files of some trials' networks again. */
export async function rewriteTrials(study: Study, sampler: Sampler, ids: readonly number[]): Promise<void> {
  const sampled = requireSampled(study);
  const population = await sampler(study.spec, totalOf(study), (id) => readResult(study, id));
  const { networks } = population;
  if (networks.length >= sampled.trials) expectSameBeginning(study, sampled, population);
  for (const id of ids) if (id < networks.length) writeTrial(study, id, networks[id]);
}

/** The number of trials whose folders are there, the ones missing in between included. */
function foldersOf({ layout }: Study): number {
  if (!existsSync(layout.trials)) return 0;
  return readdirSync(layout.trials).reduce((most, name) => Math.max(most, (trialId(name) ?? -1) + 1), 0);
}

function trialsOf({ spec, sampled, folder }: Study, trials: number | undefined): number {
  const total = trials ?? (sampled ? sampled.trials + (sampled.toCome ?? 0) : spec.trials);
  if (!Number.isInteger(total) || total < 1 || total > TRIALS_LIMIT) {
    throw new RegnetError(`invalid trials: got ${total}, expected 1 to ${TRIALS_LIMIT}`, "invalid", "trials");
  }
  if (sampled && total < sampled.trials) {
    const text = `invalid trials: got ${total}, expected at least the ${sampled.trials} that ${folder} has`;
    throw new RegnetError(`${text}; --trials is the total and may only grow`, "invalid", "trials");
  }
  return total;
}

function lostTrials(study: Study, trials: number): number[] {
  return range(0, trials).filter((id) => {
    const { trial, result } = study.layout.trial(id);
    return !existsSync(trial) || (!existsSync(result) && readTrial(study, id) === undefined);
  });
}

function expectSameBeginning(study: Study, before: Sampled, { networks }: Population): void {
  if (digest(networks, before.trials) !== before.population) throw drawnOtherwise(study);
}

function expectSameTrials(study: Study, trials: number, { networks }: Population): void {
  for (const id of range(0, trials)) {
    const trial = readTrial(study, id);
    if (trial && canonical(trial.model) !== canonical(networks[id].model)) throw drawnOtherwise(study);
  }
}

function drawnOtherwise({ folder }: Study): RegnetError {
  const remedy = "it was sampled by another version of regnet: make a new study to go on";
  return new RegnetError(`the population of ${folder} can no longer be drawn again; ${remedy}`, "unsupported");
}

function digest(networks: readonly SampledNetwork[], trials: number): string {
  const hash = createHash("sha256");
  for (const { model } of networks.slice(0, trials)) hash.update(canonical(model)).update("\n");
  return hash.digest("hex");
}

function writeTrial({ layout, spec }: Study, id: number, network: SampledNetwork): void {
  const { model, complexity, continues, from, until, seedOf = id } = network;
  const files = layout.trial(id);
  const seed = spec.seeds === "same" ? spec.seed : spec.seed + seedOf;
  const trial: Trial = {
    version: 1,
    id,
    model,
    complexity,
    seed,
    ...(continues !== undefined && { continues }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
  try {
    mkdirSync(files.folder, { recursive: true });
    writeFileSync(files.trial, `${JSON.stringify(trial)}\n`);
  } catch (error) {
    throw explainStorage(error, files.folder);
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
