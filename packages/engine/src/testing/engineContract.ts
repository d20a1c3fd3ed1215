import type { CompileOptions, Engine } from "../engine.js";
import { checkInference, checkOp, checkSlopes, checkTraining } from "./contract/agreement.js";
import { behaviours } from "./contract/behaviour.js";
import { opCases } from "./contract/cases/index.js";
import { networkCases } from "./contract/networks.js";

/** Largest relative difference from float64: of a single op, and of a network over three steps. */
export const LIMITS = { op: 1e-4, network: 1e-3 } as const;

/** `describe` and `it` of vitest, or of any runner in that manner. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it: {
    (name: string, body: () => Promise<void>): void;
    skip(name: string): void;
  };
}

export interface ContractOptions {
  /** How graphs are compiled, for instance with another number of threads. */
  readonly compile?: CompileOptions;
  /** Tests that do not apply to this engine, each with the reason: by their name or the start of it. */
  readonly skips?: Readonly<Record<string, string>>;
}

/**
 * The tests that every engine passes: each op alone and whole networks against a float64 reference, and what
 * `Executable` promises. An engine's own test file hands itself and its runner to this function:
 *
 *     engineContract(myEngine, { describe, it });
 */
export function engineContract(engine: Engine, { describe, it }: TestRunner, options: ContractOptions = {}): void {
  const { compile = {}, skips = {} } = options;
  const test = (name: string, body: () => Promise<void>) => {
    const skip = Object.keys(skips).find((start) => name.startsWith(start));
    if (skip === undefined) it(name, body);
    else it.skip(`${name} (${skips[skip]})`);
  };
  describe(`${engine.id}: each op alone`, () => {
    for (const given of opCases()) test(given.name, () => checkOp(engine, compile, given, LIMITS.op));
  });
  describe(`${engine.id}: networks`, () => {
    for (const given of networkCases()) {
      test(`inference of a ${given.name}`, () => checkInference(engine, compile, given, LIMITS.network));
      if (given.smooth)
        test(`gradients of a ${given.name} are slopes of its loss`, () => checkSlopes(engine, compile, given));
      test(`training of a ${given.name}`, () => checkTraining(engine, compile, given, LIMITS.network));
    }
  });
  describe(`${engine.id}: behaviour`, () => {
    for (const [name, check] of Object.entries(behaviours)) test(name, () => check(engine, compile));
  });
}
