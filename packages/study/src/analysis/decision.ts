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
      readonly stemWidth: number;
      readonly stages: readonly [number, number];
      readonly limits: Readonly<Record<string, string>>;
      readonly acceptance: number;
    }
  | {
      readonly step: "speed";
      readonly engine: string;
      readonly imagesPerSecond: number;
      readonly processes: number;
      readonly flops: number;
    }
  | { readonly step: "latency"; readonly model: LatencyModel; readonly error: number; readonly networks: number }
  | {
      readonly step: "plan";
      readonly networks: number;
      readonly images: number;
      readonly refined: number;
      readonly finalists: number;
      readonly fullEpochs: number;
      readonly budget: number;
      readonly expected: number;
    }
  | {
      readonly step: "explore";
      readonly trained: number;
      readonly failed: number;
      readonly best: number;
      readonly mean: number;
      readonly stopped: boolean;
    }
  | ({ readonly step: "rule" } & FamilyRule)
  | {
      readonly step: "family";
      readonly members: readonly { readonly budget: number; readonly name: string; readonly accuracy: number }[];
    }
  | { readonly step: "narrow"; readonly ranges: readonly NarrowedRange[]; readonly networks: number }
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
  | {
      readonly step: "finalists";
      readonly ids: readonly number[];
      readonly errors: readonly number[];
      readonly dropped: number;
      readonly epochs: number;
    }
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
  | { readonly step: "export"; readonly files: number; readonly int8?: number; readonly accuracy: number };

/** What good networks of several budgets have in common. */
export interface FamilyRule {
  /** Parameters that are alike at every budget, with the 95 % interval of the best value. */
  readonly shared: readonly {
    readonly parameter: string;
    readonly low: number;
    readonly best: number;
    readonly high: number;
  }[];
  /** Parameters that grow: y = coefficient · flops^exponent. */
  readonly trends: readonly { readonly parameter: string; readonly coefficient: number; readonly exponent: number }[];
  readonly networks: number;
}

/** A parameter's range before and after the bootstrap. */
export interface NarrowedRange {
  readonly parameter: string;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}
