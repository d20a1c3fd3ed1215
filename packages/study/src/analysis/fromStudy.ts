import { applyRule, type ModelSpec, type StageTable } from "@regnet/core";
import { readMetrics } from "../study/metrics.js";
import type { Study } from "../study/study.js";
import type { TrialRecord } from "../study/trial.js";
import type { FinishedTrial, Latency } from "./trial.js";

/** How a study's trials become trials of an analysis. */
export interface FromStudyOptions {
  /** Default: the study's name. */
  readonly population?: string;
  /** Added to every id, so that trials of several studies differ. Default 0. */
  readonly firstId?: number;
  /** Where known. */
  readonly latency?: (record: TrialRecord) => Latency | undefined;
  /** Bytes at inference, where known. */
  readonly memory?: (record: TrialRecord) => number | undefined;
}

/** The done trials among a study's records, as the analysis sees them. */
export function finishedTrials(
  study: Study,
  records: readonly TrialRecord[],
  { population = study.spec.name, firstId = 0, latency, memory }: FromStudyOptions = {},
): FinishedTrial[] {
  return records.flatMap((record) => {
    const { trial, result } = record;
    if (result.state !== "done") return [];
    const curve = readMetrics(study.layout.trial(trial.id).metrics).map((metrics) => metrics.error);
    return [
      {
        id: firstId + trial.id,
        population,
        parameters: parametersOf(trial.model),
        stages: stagesOf(trial.model),
        complexity: { ...trial.complexity, memory: memory?.(record) },
        error: result.error,
        curve: curve.length > 0 ? curve : [result.finalError],
        seconds: result.trainingSeconds,
        latency: latency?.(record),
      },
    ];
  });
}

/** The sampled parameters of a network by the names of the analysis: d, w0, wa, wm, b, g; or per stage d1, w1, b1, g1, … */
export function parametersOf(model: ModelSpec): Record<string, number> {
  switch (model.family) {
    case "regnet": {
      const { depth, w0, wa, wm, bottleneck = 1, groupWidth } = model;
      return { d: depth, w0, wa, wm, b: bottleneck, g: groupWidth };
    }
    case "anynet":
      return Object.fromEntries(
        model.stages.flatMap(({ depth, width, bottleneck = 1, groupWidth }, i) => [
          [`d${i + 1}`, depth],
          [`w${i + 1}`, width],
          [`b${i + 1}`, bottleneck],
          [`g${i + 1}`, groupWidth],
        ]),
      );
    case "convnext":
      return Object.fromEntries([["w", model.widths[0]], ...model.depths.map((depth, i) => [`d${i + 1}`, depth])]);
    default:
      throw new TypeError(`unreachable family: ${JSON.stringify(model satisfies never)}`);
  }
}

/** Widths, depths and group widths of a network's stages; ConvNeXt's convolutions are depthwise. */
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
      return { widths: model.widths, depths: model.depths, groupWidths: model.widths.map(() => 1) };
    default:
      throw new TypeError(`unreachable family: ${JSON.stringify(model satisfies never)}`);
  }
}
