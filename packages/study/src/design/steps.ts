import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { RegnetError } from "@regnet/core";
import type { Decision, DecisionFacts } from "../analysis/decision.js";
import { readJson, writeAtomically } from "../study/storage.js";
import type { Clock } from "./clock.js";
import type { DesignHooks, DesignStep } from "./hooks.js";
import type { DesignLayout } from "./layout.js";

/** What a step leaves: what later steps need, and what was decided. */
export interface StepResult<T> {
  readonly value: T;
  readonly decisions?: readonly DecisionFacts[];
}

/** Of what steps leave. */
const VERSION = 3;

interface StepRecord<T> {
  readonly version: typeof VERSION;
  readonly value: T;
  readonly decisions: readonly Decision[];
}

/** The files between the verbs: a step that has left its file is not done again. */
export class Steps {
  readonly decisions: Decision[] = [];

  constructor(
    private readonly layout: DesignLayout,
    private readonly clock: Clock,
    private readonly hooks: DesignHooks,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * What the step found: from its file, or else by doing it.
   * @param name of its file, where a step is done several times
   */
  async once<T>(step: DesignStep, work: () => Promise<StepResult<T>> | StepResult<T>, name: string = step): Promise<T> {
    const path = this.layout.step(name);
    const kept = readRecord<T>(path);
    this.hooks.onStep?.(step, kept !== undefined);
    const record = kept ?? (await this.perform(path, work));
    for (const decision of record.decisions) {
      this.decisions.push(decision);
      this.hooks.onDecision?.(decision);
    }
    return record.value;
  }

  private async perform<T>(path: string, work: () => Promise<StepResult<T>> | StepResult<T>): Promise<StepRecord<T>> {
    this.signal.throwIfAborted();
    const start = this.clock.spent;
    const { value, decisions = [] } = await work();
    const stamp = { at: new Date().toISOString(), seconds: round(this.clock.spent - start) };
    const record: StepRecord<T> = {
      version: VERSION,
      value,
      decisions: decisions.map((facts) => ({ ...stamp, ...facts })),
    };
    mkdirSync(dirname(path), { recursive: true });
    writeAtomically(path, `${JSON.stringify(record, undefined, 1)}\n`);
    this.clock.keep(true);
    return record;
  }
}

/**
 * Torn files count as not there: the step is done again.
 * @throws RegnetError for what another version of regnet left
 */
function readRecord<T>(path: string): StepRecord<T> | undefined {
  const document = readJson(path) as Partial<Record<keyof StepRecord<T>, unknown>> | undefined;
  if (typeof document?.version === "number" && document.version !== VERSION) {
    const remedy = "give another folder with -o, or remove it";
    throw new RegnetError(`${path} was left by another version of regnet; ${remedy}`, "unsupported", path);
  }
  const whole = document?.version === VERSION && "value" in document && Array.isArray(document.decisions);
  return whole ? (document as unknown as StepRecord<T>) : undefined;
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
