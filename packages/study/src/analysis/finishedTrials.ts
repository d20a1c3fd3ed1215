import { applyRule, type ModelSpec, type StageTable } from "@regnet/core";
import { readMetrics } from "../study/metrics.js";
import type { Study } from "../study/study.js";
import { StudyIndex } from "../study/studyIndex.js";
import type { DoneResult, Trial } from "../study/trial.js";
import type { FinishedTrial } from "./trial.js";

/**
 * The done trials of a study as the analysis takes them, by id.
 * @param population what to call them; default: the study's name
 */
export function finishedTrials(study: Study, population = study.spec.name): FinishedTrial[] {
  const index = StudyIndex.open(study);
  try {
    const trials = index
      .list({ state: "done" })
      .map(({ trial, result }) => finishedTrial(study, population, trial, result as DoneResult));
    return shareParameters(trials);
  } finally {
    index.close();
  }
}

function finishedTrial(study: Study, population: string, trial: Trial, result: DoneResult): FinishedTrial {
  return {
    id: trial.id,
    population,
    parameters: parametersOf(trial.model),
    stages: stagesOf(trial.model),
    complexity: trial.complexity,
    error: result.error,
    curve: readMetrics(study.layout.trial(trial.id).metrics).map(({ error }) => error),
    seconds: result.trainingSeconds,
  };
}

/** The parameters of a network by the names of the paper; of free-form stages with the stage's number, from 1. */
export function parametersOf(model: ModelSpec): Record<string, number> {
  if (model.family === "regnet") {
    const { depth: d, w0, wa, wm, bottleneck: b = 1, groupWidth: g } = model;
    return { d, w0, wa, wm, b, g };
  }
  const { depths, widths, groupWidths } = stagesOf(model);
  const bottlenecks = model.family === "anynet" ? model.stages.map(({ bottleneck = 1 }) => bottleneck) : undefined;
  const lists = { d: depths, w: widths, ...(bottlenecks && { b: bottlenecks, g: groupWidths }) };
  const entries = Object.entries(lists).flatMap(([name, list]) => list.map((value, i) => [`${name}${i + 1}`, value]));
  return Object.fromEntries(entries) as Record<string, number>;
}

/** Widths, depths and group widths of a network's stages. */
export function stagesOf(model: ModelSpec): StageTable {
  switch (model.family) {
    case "regnet": {
      const { widths, depths, groupWidths } = applyRule(model, model.convention);
      return { widths, depths, groupWidths };
    }
    case "anynet":
      return {
        widths: model.stages.map(({ width }) => width),
        depths: model.stages.map(({ depth }) => depth),
        groupWidths: model.stages.map(({ groupWidth }) => groupWidth),
      };
    case "convnext":
      return { widths: [...model.widths], depths: [...model.depths], groupWidths: model.widths.map(() => 1) };
    default:
      return model satisfies never;
  }
}

/** Where a population's networks have one bottleneck or group width for all stages, it is one parameter: b, g. */
function shareParameters(trials: readonly FinishedTrial[]): FinishedTrial[] {
  const shared = ["b", "g"].filter((name) => trials.length > 0 && trials.every((trial) => isShared(trial, name)));
  return trials.map((trial) => ({ ...trial, parameters: merge(trial.parameters, shared) }));
}

function isShared({ parameters }: FinishedTrial, name: string): boolean {
  const values = Object.entries(parameters).flatMap(([key, value]) => (stageOf(key, name) ? [value] : []));
  return values.length > 0 && values.every((value) => value === values[0]);
}

function merge(parameters: FinishedTrial["parameters"], shared: readonly string[]): Record<string, number> {
  const merged = Object.entries(parameters).map(([key, value]) => {
    const name = shared.find((candidate) => stageOf(key, candidate));
    return [name ?? key, value] as const;
  });
  return Object.fromEntries(merged);
}

function stageOf(key: string, name: string): boolean {
  return key.startsWith(name) && /^\d+$/.test(key.slice(name.length));
}
