import type { StageTable } from "@regnet/core";

/** What one network costs. */
export interface TrialComplexity {
  /** Multiply-adds of one image. */
  readonly flops: number;
  readonly params: number;
  /** Output elements of the convolutions of one image. */
  readonly acts: number;
  /** Peak bytes of activations and weights at inference, one image. */
  readonly memory?: number;
}

/** One trained network of a population, as the analysis sees it: nothing of files, executors or engines. */
export interface FinishedTrial {
  readonly id: number;
  /** The population it was drawn for: a design space, or a round of one. */
  readonly population: string;
  /** The sampled parameters by name: d, w0, wa, wm, b, g of the rule, or d1, w1, b1, g1, … of free-form stages. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly stages: StageTable;
  readonly complexity: TrialComplexity;
  /** Top-1 error on the validation images, 0 to 1: the least over its epochs, as the authors take it. */
  readonly error: number;
  /** Top-1 error after each epoch. */
  readonly curve: readonly number[];
  /** Training time. */
  readonly seconds: number;
  readonly latency?: Latency;
}

/** How long a network takes for one image at inference, batch 1, on one device. */
export interface Latency {
  readonly milliseconds: number;
  /** `predicted`: by a model that was fitted to other networks measured on the device. */
  readonly from: "measured" | "predicted";
}

/** The populations in order of appearance, each with its trials. */
export function byPopulation(trials: readonly FinishedTrial[]): Map<string, FinishedTrial[]> {
  const groups = new Map<string, FinishedTrial[]>();
  for (const trial of trials) {
    const group = groups.get(trial.population);
    if (group) group.push(trial);
    else groups.set(trial.population, [trial]);
  }
  return groups;
}

/** The trials from best to worst; equal errors keep their order. */
export function ranked(trials: readonly FinishedTrial[]): FinishedTrial[] {
  return [...trials].sort((a, b) => a.error - b.error || a.id - b.id);
}

/** Whether a network comes from the quantised-linear rule; others are free-form. */
export function isRegular({ parameters }: FinishedTrial): boolean {
  return "wm" in parameters;
}
