import { performance } from "node:perf_hooks";
import { engineById } from "../choose.js";
import type { Engine, Executable, MemoryUse } from "../engine.js";
import { type Advice, advise, type ProbeOptions } from "./advice.js";
import { type LayerProfile, profileLayers } from "./layers.js";
import { peakResident, resetPeak, resident } from "./memory.js";
import { summarise, type Timing } from "./statistics.js";
import { timeRuns } from "./timeRuns.js";
import { fillInputs, type Workload, workloadGraph } from "./workload.js";

export interface MeasureOptions {
  /** Seconds to spend on timed runs; default 3. */
  readonly seconds?: number;
  /** Times every kernel of one run as well. */
  readonly profile?: boolean;
}

export interface Measurement {
  readonly timing: Timing;
  readonly threads: number;
  /** Bytes the process grew by at most, from before compilation; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
  /** What the executable says it holds. */
  readonly memory: MemoryUse;
  /** Milliseconds to compile. */
  readonly compile: number;
  readonly notes: readonly string[];
  readonly layers?: readonly LayerProfile[];
  readonly advice?: readonly Advice[];
}

/**
 * Compiles a workload in this process and times its runs, inputs left in place. For memory figures that nothing
 * else blurs, see `measureApart`.
 */
export async function measure(workload: Workload, options: MeasureOptions = {}): Promise<Measurement> {
  const { engine: id, precision, provider } = workload;
  const engine = engineById(id);
  const found = engine.probe();
  const threads = workload.threads ?? (found.available ? found.threads : 1);
  resetPeak();
  const before = resident();
  const start = performance.now();
  const compileOptions = { threads, precision, provider };
  const executable = await engine.compile(workloadGraph(workload), compileOptions);
  const compile = performance.now() - start;
  try {
    fillInputs(executable);
    const timing = summarise(await timeRuns(executable, options.seconds ?? 3));
    const peak = peakResident();
    const peakBytes = peak === undefined ? undefined : Math.max(0, peak - before);
    const { memory, notes } = executable;
    const report = { timing, threads, peakBytes, memory, compile, notes };
    return options.profile ? { ...report, ...(await layersAndAdvice(engine, executable, compileOptions)) } : report;
  } finally {
    executable.dispose();
  }
}

async function layersAndAdvice(engine: Engine, executable: Executable, options: ProbeOptions) {
  const layers = profileLayers(executable.graph, await executable.profile());
  return { layers, advice: await advise(engine, executable.graph, layers, options) };
}
