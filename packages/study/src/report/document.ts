import type { RegNetParameters, StageTable } from "@regnet/core";
import type { PopulationAnalysis } from "../analysis/analyse.js";
import type { Claim } from "../analysis/comparison.js";
import type { Trend } from "../analysis/data.js";
import type { Decision } from "../analysis/decision.js";
import type { FinishedTrial, TrialComplexity } from "../analysis/trial.js";
import type { LatencyFit } from "../latency/model.js";
import type { Language } from "./messages/index.js";

/** A network trained fully. */
export interface TrainedNetwork {
  readonly name: string;
  readonly role: "winner" | "finalist" | "baseline";
  readonly trial?: number;
  readonly parameters?: RegNetParameters;
  readonly stages: StageTable;
  readonly complexity: TrialComplexity;
  readonly accuracy: number;
  readonly curve: readonly number[];
  readonly epochs: number;
  readonly seconds: number;
  /** Milliseconds an image on this device. */
  readonly latency?: number;
  /** In eight bits: accuracy on so many validation images, milliseconds an image, size of the file. */
  readonly int8?: {
    readonly accuracy: number;
    readonly images: number;
    readonly latency?: number;
    readonly bytes: number;
  };
}

export interface ProducedFile {
  readonly path: string;
  readonly bytes: number;
  readonly purpose: "onnx" | "int8" | "safetensors" | "pytorch";
}

/** One network of a family. */
export interface FamilyMember {
  readonly budget: number;
  readonly network: TrainedNetwork;
}

/** All a report shows, as data. */
export interface ReportDocument {
  readonly kind: "design" | "study";
  readonly language: Language;
  readonly title: string;
  /** ISO 8601. */
  readonly made: string;
  readonly validation?: number;
  readonly winner?: TrainedNetwork;
  readonly networks?: readonly TrainedNetwork[];
  readonly files?: readonly ProducedFile[];
  readonly decisions?: readonly Decision[];
  readonly claims?: readonly Claim[];
  readonly analysis: PopulationAnalysis;
  readonly latency?: LatencyFit;
  readonly family?: readonly FamilyMember[];
  /** How w0, wa and g grow over a family's budgets: the rule its networks were chosen by. */
  readonly familyTrends?: readonly Trend[];
  readonly trials: readonly FinishedTrial[];
  /** Trials that failed: they are in no figure. */
  readonly failed?: number;
  /** Label and value, in the order shown. `command` comes first. */
  readonly reproduction: Readonly<Partial<Record<ReproductionKey, string>>>;
}

export type ReproductionKey =
  | "command"
  | "seed"
  | "versions"
  | "machine"
  | "engine"
  | "data"
  | "took"
  | "recipe"
  | "space"
  | "limits";
