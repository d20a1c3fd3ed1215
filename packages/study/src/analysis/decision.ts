import type { LatencyModel } from "../latency/model.js";
import type { Origin } from "../race/race.js";

/** One thing that was decided on the way to a network, as data; a report puts it into words. */
export type Decision = { readonly at: string; readonly seconds: number } & DecisionFacts;

export type DecisionFacts =
  | {
      readonly step: "data";
      readonly name: string;
      readonly classes: number;
      readonly train: number;
      readonly validation: number;
      /** Held out: the last figure is of these. */
      readonly test?: number;
      readonly resolution: number;
      readonly channels: number;
    }
  | {
      readonly step: "space";
      readonly space: string;
      readonly stem: string;
      /** Channels; a patchify stem has as many as the first stage. */
      readonly stemWidth?: number;
      readonly stages: readonly [number, number];
      readonly limits: Readonly<Record<string, string>>;
      /** Spaces tried before, which hold too few networks within the limits. */
      readonly passedOver?: readonly string[];
      readonly acceptance: number;
    }
  | {
      readonly step: "speed";
      /** Of a family: which of its budgets. */
      readonly budget?: number;
      readonly engine: string;
      readonly precision: "fp32" | "bf16";
      readonly imagesPerSecond: number;
      readonly flops: number;
    }
  | { readonly step: "latency"; readonly model: LatencyModel; readonly error: number; readonly networks: number }
  | {
      readonly step: "plan";
      /** Of a family: how many budgets there are. */
      readonly budgets?: number;
      /** Networks in each rung; of a family, in those of the first budget. */
      readonly rungs: readonly number[];
      /** Share of the training time that goes to networks that do not win. */
      readonly exploring: number;
      /** Training images that the winner is expected to see, in epochs. */
      readonly epochs: number;
      /** Seconds for all of it; or the winner's steps. */
      readonly budget?: number;
      readonly steps?: number;
    }
  | {
      readonly step: "entrants";
      readonly drawn: number;
      /** What the rule picks, and the published network scaled, where they take part. */
      readonly rule?: string;
      readonly published?: string;
      /** Networks that race with their weights. */
      readonly pretrained?: readonly string[];
      /** Networks that were too slow when measured. */
      readonly slow: number;
    }
  | {
      readonly step: "rung";
      /** From 1. */
      readonly rung: number;
      readonly unit: "seconds" | "steps";
      /** What each had been trained by its end; seconds of the whole machine. */
      readonly until: number;
      /** The least error first. */
      readonly ranked: readonly { readonly name: string; readonly error: number }[];
      readonly kept: readonly string[];
      /** Those of the fallen that were behind by more than noise. */
      readonly beaten: readonly string[];
      readonly failed: readonly { readonly name: string; readonly reason: string }[];
      /** Difference of two errors that chance explains, with 95 % confidence. */
      readonly noise: number;
    }
  | {
      readonly step: "finish";
      readonly name: string;
      readonly origin: Origin;
      readonly seconds: number;
      readonly epochs: number;
      /** On so many validation images. */
      readonly accuracy: number;
      readonly validation: number;
      /** On so many images that were held out. */
      readonly test?: number;
      readonly images?: number;
    }
  | {
      readonly step: "measure";
      /** How many of how many networks were measured. */
      readonly measured: number;
      readonly networks: number;
      /** Mean relative difference of what had been predicted for them. */
      readonly error: number;
    }
  | {
      readonly step: "export";
      readonly files: number;
      /** Accuracy in eight bits, on so many validation images. */
      readonly int8?: number;
      readonly images?: number;
      /** In float32, on all of them. */
      readonly accuracy: number;
    };
