import { initialise } from "@regnet/core";
import type { CompileOptions, Engine, Executable } from "../../engine.js";
import { evaluate } from "../reference/index.js";
import { expectWithin, norm, relativeDistance, worstDifference } from "./compare.js";
import type { NetworkCase } from "./networks.js";
import type { OpCase } from "./opCase.js";

/** Runs one op and compares every output and the state with the float64 reference. */
export async function checkOp(engine: Engine, options: CompileOptions, given: OpCase, limit: number): Promise<void> {
  const { graph, inputs, state } = given;
  const expected = evaluate(graph, inputs, state);
  const executable = await engine.compile(graph, { ...options, state });
  try {
    fill(executable, inputs);
    await executable.run();
    for (const [name, values] of Object.entries(expected.outputs)) {
      expectWithin(name, worstDifference(executable.output(name), values), limit);
    }
    for (const [name, values] of Object.entries(expected.state)) {
      expectWithin(name, worstDifference(executable.read(name), values), limit);
    }
  } finally {
    executable.dispose();
  }
}

/** Three optimiser steps: loss, logits and gradients of each, and weights, statistics and momentum after each. */
export async function checkTraining(
  engine: Engine,
  options: CompileOptions,
  given: NetworkCase,
  limit: number,
): Promise<void> {
  const executable = await engine.compile(given.training, { ...options, state: given.state });
  try {
    let state: Readonly<Record<string, ArrayLike<number>>> = given.state;
    for (let step = 1; step <= 3; step++) {
      fill(executable, given.inputs);
      await executable.run();
      const expected = evaluate(given.training, given.inputs, state);
      compareAll(expected.outputs, (name) => executable.output(name), `of step ${step}`, limit);
      compareAll(expected.state, (name) => executable.read(name), `after step ${step}`, limit);
      state = expected.state;
    }
  } finally {
    executable.dispose();
  }
}

/**
 * Compares tensor by tensor. The gradient of a bias in front of a batch norm is zero but for rounding; so gradients
 * and velocities are measured against a thousandth of the norm of all of them where they are smaller than that.
 */
function compareAll(
  expected: Readonly<Record<string, Float64Array>>,
  actual: (name: string) => Float32Array,
  when: string,
  limit: number,
): void {
  const kinds = ["gradient:", "velocity:"];
  const wholes = kinds.map((kind) => {
    const norms = Object.entries(expected).map(([name, values]) => (name.startsWith(kind) ? norm(values) : 0));
    return { kind, floor: norm(norms) / 1000 };
  });
  for (const [name, values] of Object.entries(expected)) {
    const floor = wholes.find(({ kind }) => name.startsWith(kind))?.floor;
    expectWithin(`${name} ${when}`, relativeDistance(actual(name), values, floor), limit);
  }
}

/** Logits at inference, with weights and running statistics that are not trivial. */
export async function checkInference(
  engine: Engine,
  options: CompileOptions,
  given: NetworkCase,
  limit: number,
): Promise<void> {
  const { forward } = given;
  const trained = evaluate(given.training, given.inputs, given.state).state;
  const state = Object.fromEntries(
    Object.keys(initialise(forward, 0)).map((name) => [name, Float32Array.from(trained[name])]),
  );
  const { image } = given.inputs;
  const expected = evaluate(forward, { image }, state).outputs.logits;
  const executable = await engine.compile(forward, { ...options, state });
  try {
    fill(executable, { image });
    await executable.run();
    expectWithin("logits", relativeDistance(executable.output("logits"), expected), limit);
  } finally {
    executable.dispose();
  }
}

/** A step that is small beside the weights and large beside the rounding of the loss. */
function stepFor(weights: Float32Array): number {
  return Math.min(0.02, Math.max(0.004, 0.02 * norm(weights)));
}

/**
 * The gradient of each weight against the loss's own slope along it, by central differences in the engine's float32.
 * Weights whose gradient is lost in the rounding of the loss are left out.
 */
export async function checkSlopes(engine: Engine, options: CompileOptions, given: NetworkCase): Promise<void> {
  const executable = await engine.compile(given.training, { ...options, state: given.state });
  const restore = (name: string) => executable.write(name, given.state[name]);
  const run = async () => {
    for (const { name, role } of given.training.parameters) if (role !== "weight") restore(name);
    fill(executable, { ...given.inputs, learningRate: Float32Array.of(0) });
    await executable.run();
    return executable.output("loss")[0];
  };
  try {
    await run();
    const gradients = weightsOf(given).map((name) => ({ name, values: executable.output(`gradient:${name}`).slice() }));
    const largest = Math.max(...gradients.map(({ values }) => norm(values)));
    for (const { name, values } of gradients) {
      const length = norm(values);
      if (length < largest / 20) continue;
      const lossAt = (step: number) => {
        executable.write(
          name,
          given.state[name].map((weight, i) => weight + (step * values[i]) / length),
        );
        return run();
      };
      const step = stepFor(given.state[name]);
      const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
      restore(name);
      expectWithin(`the slope along ${name}`, Math.abs(slope - length) / length, 0.01);
    }
  } finally {
    executable.dispose();
  }
}

function weightsOf({ training }: NetworkCase): string[] {
  return training.parameters.filter(({ role }) => role === "weight").map(({ name }) => name);
}

/** Writes every input. */
export function fill(executable: Executable, inputs: Readonly<Record<string, Float32Array>>): void {
  for (const [name, values] of Object.entries(inputs)) executable.input(name).set(values);
}
