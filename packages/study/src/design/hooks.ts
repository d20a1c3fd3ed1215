import type { Decision } from "../analysis/decision.js";

/** The steps of a design in order. */
export const designSteps = [
  "data",
  "space",
  "latency",
  "speed",
  "plan",
  "entrants",
  "rung",
  "measure",
  "finish",
  "export",
  "report",
] as const;
export type DesignStep = (typeof designSteps)[number];

/** How far a step is. */
export interface DesignProgress {
  readonly step: DesignStep;
  /** Of `total`, in the step's own unit: networks, images, seconds. */
  readonly done: number;
  readonly total: number;
  /** Least error so far. */
  readonly best?: number;
  /** Seconds spent, and given, for the design as a whole. */
  readonly spent: number;
  readonly budget: number;
}

/** What `design` tells while it works. Hooks must be quick. */
export interface DesignHooks {
  /** A step begins. `kept`: it was finished by an earlier attempt. */
  readonly onStep?: (step: DesignStep, kept: boolean) => void;
  /** Something was decided, now or by an earlier attempt. */
  readonly onDecision?: (decision: Decision) => void;
  readonly onProgress?: (progress: DesignProgress) => void;
  /** Something a person should know, in a sentence. */
  readonly onNote?: (note: string) => void;
}
