import { buildModel, type ModelSpec, type NetworkOptions } from "@regnet/core";
import type { Engine, Executable } from "@regnet/engine";

/** How a latency is measured. */
export interface MeasureOptions {
  /** Default: the engine's. */
  readonly threads?: number;
  /** Seconds of measuring, after a warm-up; default 0.3. */
  readonly seconds?: number;
}

/** Latencies of one network at batch 1, in milliseconds. */
export interface MeasuredLatency {
  readonly median: number;
  /** A tenth of the runs are faster. */
  readonly low: number;
  /** A tenth are slower. */
  readonly high: number;
  readonly runs: number;
}

/** Gives the milliseconds that a network takes for one image. */
export type MeasureNetwork = (model: ModelSpec, input: NetworkOptions) => Promise<number>;

/** Measures on an engine of this device: the median. */
export function measureOn(engine: Engine, options: MeasureOptions = {}): MeasureNetwork {
  return async (model, input) => (await measureLatency(engine, model, input, options)).median;
}

const WARM_UP_RUNS = 5;
const LEAST_RUNS = 20;
/** On a machine that is busy with other things fewer runs must do: after so many times the seconds, `FEWEST_RUNS`. */
const MOST_TIMES = 4;
const FEWEST_RUNS = 5;

/** Runs a network's inference with one image again and again on this device. The median is what counts. */
export async function measureLatency(
  engine: Engine,
  model: ModelSpec,
  input: NetworkOptions,
  { threads, seconds = 0.3 }: MeasureOptions = {},
): Promise<MeasuredLatency> {
  const executable = await engine.compile(buildModel(model, { ...input, batch: 1 }), { threads });
  try {
    fillInputs(executable);
    for (let i = 0; i < WARM_UP_RUNS; i++) await executable.run();
    return summarise(await timeRuns(executable, seconds));
  } finally {
    executable.dispose();
  }
}

async function timeRuns(executable: Executable, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const least = () => (elapsed() < MOST_TIMES * seconds ? LEAST_RUNS : FEWEST_RUNS);
  while (elapsed() < seconds || times.length < least()) {
    const start = performance.now();
    await executable.run();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

/** Zeros would let some kernels run on denormals or skip work; a fixed ripple does not. */
function fillInputs(executable: Executable): void {
  for (const { name } of executable.graph.inputs) {
    const values = executable.input(name);
    for (let i = 0; i < values.length; i++) values[i] = Math.sin(i);
  }
}

function summarise(sorted: readonly number[]): MeasuredLatency {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { median: at(0.5), low: at(0.1), high: at(0.9), runs: sorted.length };
}
