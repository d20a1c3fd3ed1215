import type { LatencyModel } from "../latency/model.js";

/** One thing that was decided on the way to a network, as data; a report puts it into words. */
export type Decision = { readonly at: string; readonly seconds: number } & DecisionFacts;

export type DecisionFacts =
  | {
      readonly step: "data";
      readonly name: string;
      readonly classes: number;
      readonly train: number;
      readonly validation: number;
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
      readonly imagesPerSecond: number;
      readonly processes: number;
      readonly flops: number;
    }
  | { readonly step: "latency"; readonly model: LatencyModel; readonly error: number; readonly networks: number }
  | {
      readonly step: "plan";
      /** Of a family: how many budgets there are. */
      readonly budgets?: number;
      /** For each budget. */
      readonly networks: number;
      readonly images: number;
      readonly refined: number;
      readonly finalists: number;
      /** Whether the baseline is trained beside them. */
      readonly baseline: boolean;
      readonly fullEpochs: number;
      readonly budget: number;
      readonly expected: number;
    }
  | {
      readonly step: "explore";
      /** Of a family: which of its budgets. */
      readonly budget?: number;
      readonly trained: number;
      readonly failed: number;
      readonly best: number;
      readonly mean: number;
      readonly stopped: boolean;
    }
  | ({ readonly step: "rule" } & FamilyRule)
  | {
      readonly step: "members";
      /** Of each budget: its network, how many that are nearer to the rule were too slow, and whether it is so itself. */
      readonly members: readonly {
        readonly budget: number;
        readonly name: string;
        /** Milliseconds an image. */
        readonly latency?: number;
        readonly passed: number;
        readonly slow: boolean;
      }[];
    }
  | {
      readonly step: "family";
      readonly members: readonly { readonly budget: number; readonly name: string; readonly accuracy: number }[];
    }
  | {
      readonly step: "narrow";
      readonly ranges: readonly NarrowedRange[];
      readonly networks: number;
      /** Why nothing was looked at: too few networks for a bootstrap, or parameters that every stage has its own of. */
      readonly why?: "few" | "stagewise";
    }
  | {
      readonly step: "refine";
      readonly trained: number;
      readonly failed: number;
      readonly best: number;
      readonly mean: number;
      readonly before: number;
      readonly interval: readonly [number, number];
      readonly stopped: boolean;
    }
  /** Of the networks drawn within the narrowed ranges none was trained. */
  | { readonly step: "unrefined"; readonly drawn: number; readonly failed: number; readonly stopped: boolean }
  | {
      readonly step: "measure";
      /** How many of how many networks were measured. */
      readonly measured: number;
      readonly networks: number;
      /** Mean relative difference of what had been predicted for them. */
      readonly error: number;
    }
  | {
      readonly step: "finalists";
      readonly ids: readonly number[];
      readonly errors: readonly number[];
      readonly dropped: number;
      readonly epochs: number;
    }
  /** Full trainings that came to nothing. */
  | { readonly step: "train"; readonly failed: readonly FailedTraining[] }
  | {
      readonly step: "baseline";
      readonly name: string;
      readonly flops: number;
      readonly accuracy: number;
      readonly epochs: number;
    }
  | {
      readonly step: "choose";
      readonly name: string;
      readonly accuracy: number;
      readonly others: readonly number[];
      readonly baseline?: number;
      readonly validation: number;
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

/** A full training that came to nothing: for a reason that it gave itself, or since its process died. */
export type FailedTraining =
  | { readonly name: string; readonly reason: string }
  | { readonly name: string; readonly death: ProcessDeath };

/** How a process ended that was to go on. */
export interface ProcessDeath {
  /** The signal that killed it, or its exit code. */
  readonly by: string | number;
  /** The end of what it wrote on its error stream. */
  readonly tail: string;
}

/** What good networks of several budgets have in common. */
export interface FamilyRule {
  /** Parameters that are alike at every budget, with the 95 % interval of the best value. */
  readonly shared: readonly {
    readonly parameter: string;
    readonly low: number;
    readonly best: number;
    readonly high: number;
  }[];
  /** Parameters that grow: y = coefficient · flops^exponent, with the 95 % interval of the exponent. */
  readonly trends: readonly {
    readonly parameter: string;
    readonly coefficient: number;
    readonly exponent: number;
    readonly interval: readonly [number, number];
  }[];
  readonly networks: number;
}

/** A parameter's range before and after the bootstrap. */
export interface NarrowedRange {
  readonly parameter: string;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}
