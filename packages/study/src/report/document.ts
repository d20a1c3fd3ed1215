import type { RegNetParameters, StageTable } from "@regnet/core";
import type { PopulationAnalysis } from "../analysis/analyse.js";
import type { AnytimeCurve } from "../analysis/anytime.js";
import type { Claim } from "../analysis/comparison.js";
import type { Trend } from "../analysis/data.js";
import type { Decision } from "../analysis/decision.js";
import type { FinishedTrial, TrialComplexity } from "../analysis/trial.js";
import type { LatencyFit } from "../latency/model.js";
import type { Fall, Origin } from "../race/race.js";
import type { Language } from "./messages/index.js";

/** A network that won its race and was trained to the end. */
export interface TrainedNetwork {
  readonly name: string;
  readonly origin: Origin;
  readonly trial?: number;
  readonly parameters?: RegNetParameters;
  readonly stages: StageTable;
  readonly complexity: TrialComplexity;
  /** On the validation images. */
  readonly accuracy: number;
  /** On the images held out, where there are some. */
  readonly test?: number;
  readonly epochs: number;
  readonly seconds: number;
  /** Milliseconds an image on this device. */
  readonly latency?: number;
  /** In eight bits: accuracy on so many images, milliseconds an image, size of the file. */
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

/** One entrant of a race. */
export interface RaceLane {
  readonly name: string;
  readonly origin: Origin;
  readonly stages: StageTable;
  readonly complexity: TrialComplexity;
  /** Validation error where it rested, against seconds of training with the whole machine. */
  readonly points: readonly (readonly [seconds: number, error: number])[];
  readonly won: boolean;
  /** After which rung it left, and why. */
  readonly fell?: { readonly rung: number; readonly why: Fall["why"] };
}

/** A race as it was run. */
export interface RaceReport {
  /** Of a family: the flops. */
  readonly budget?: number;
  readonly lanes: readonly RaceLane[];
  /** Seconds of training at the ends of the rungs. */
  readonly rungs: readonly number[];
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
  /** Images that choices were made on, and images held out. */
  readonly validation?: number;
  readonly test?: number;
  readonly winner?: TrainedNetwork;
  readonly races?: readonly RaceReport[];
  readonly files?: readonly ProducedFile[];
  readonly decisions?: readonly Decision[];
  readonly claims?: readonly Claim[];
  /** Of searches. */
  readonly anytime?: readonly AnytimeCurve[];
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
