import type { Graph } from "@regnet/core";

/** The engines, fastest first. */
export type EngineId = "onednn" | "onnxruntime";

/** Whether an engine can run on this machine; if not, why, and the one command that would change it. */
export type Availability =
  | {
      readonly available: true;
      readonly engine: EngineId;
      /** Version of the library. */
      readonly version: string;
      /** For instance `avx512_core_bf16`, or an execution provider. */
      readonly instructionSet: string;
      /** Threads an executable gets unless told otherwise. */
      readonly threads: number;
      /** Whether kernels of our own, made for this processor, run beside the library's. */
      readonly ownKernels?: boolean;
      /** Precisions that run natively on this processor. */
      readonly precisions: readonly Precision[];
    }
  | { readonly available: false; readonly engine: EngineId; readonly reason: string; readonly remedy?: string };

/**
 * `fp32`, or `bf16`: activations and the weights that kernels read are bfloat16; master weights, statistics,
 * gradients of weights and optimiser state stay float32.
 */
export type Precision = "fp32" | "bf16";

export interface CompileOptions {
  /** Default: one a physical core. An executable notes where its library does not let the number be set. */
  readonly threads?: number;
  /** Default "fp32". */
  readonly precision?: Precision;
  /**
   * Starting values by parameter name: of every weight and statistic, unless `seed` is given too. Names that are not the
   * graph's are passed over. An inference graph's weights are fixed from here on: they may be folded and repacked.
   */
  readonly state?: Readonly<Record<string, Float32Array>>;
  /** Parameters that `state` does not give start as the graph says (see `initialise`) from this seed. Without `state`, 0. */
  readonly seed?: number;
  /** Names of nodes that may run on slow reference kernels; others make `compile` fail. */
  readonly acceptReference?: readonly string[];
  /** ONNX Runtime's execution provider; default "cpu". */
  readonly provider?: "cpu" | "cuda" | "webgpu";
}

/** Bytes an executable holds, in arrays and outside of them. */
export interface MemoryUse {
  /** In all their forms: as they are read and written, and as kernels like them. */
  readonly parameters: number;
  /** Inputs and outputs included. */
  readonly activations: number;
  readonly scratch: number;
  readonly total: number;
}

/** One kernel's share of a run. */
export interface KernelTiming {
  /** The graph node, or `reorder` and such for what the plan added. */
  readonly node: string;
  readonly op: string;
  /** The library's name for the kernel, where it has one. */
  readonly kernel: string;
  readonly milliseconds: number;
}

/** A graph made ready to run on one engine with a fixed batch. Owned by the caller, who disposes of it. */
export interface Executable {
  readonly engine: EngineId;
  readonly graph: Graph;
  readonly memory: MemoryUse;
  /** Notes for people: fallbacks taken, slow kernels chosen. */
  readonly notes: readonly string[];
  /** The input's buffer in plain layout, to be filled before a run. The same array every time. */
  input(name: string): Float32Array;
  /** The output in plain layout. Valid from the end of one run to the start of the next. */
  output(name: string): Float32Array;
  /**
   * One run: outputs are computed, then the graph's updates take effect. Runs do not overlap: each waits for the one before.
   * A number in an input that is not finite makes logits and losses NaN on both engines. With onednn it makes all outputs NaN
   * and leaves the state as it was, since its kernels do not carry NaN through (ReLU takes it to 0); with onnxruntime it goes
   * as far as ONNX's operators carry it, the state included. What overflows within a run is seen by neither.
   */
  run(): Promise<void>;
  /**
   * A copy of a parameter's present value, in plain layout. While a run is pending, with onednn the value from after it, with
   * onnxruntime the one from before it.
   */
  read(parameter: string): Float32Array;
  /**
   * Sets a parameter for the runs that are asked for from here on; a run that is pending neither sees nor undoes it.
   * Inference executables accept this too, at the price of repacking.
   *
   * @throws RegnetError for another number of values, or one that is not finite
   */
  write(parameter: string, values: Float32Array): void;
  /** Runs once and times every kernel. */
  profile(): Promise<readonly KernelTiming[]>;
  /** Frees everything. Safe to call twice; any other call afterwards throws. */
  dispose(): void;
}

export interface Engine {
  readonly id: EngineId;
  /** Never throws. */
  probe(): Availability;
  /** @throws RegnetError for an op, shape or precision the engine cannot run, or for state that is not whole or not finite; with the remedy */
  compile(graph: Graph, options?: CompileOptions): Promise<Executable>;
}
