import { type Graph, type NamedValue, RegnetError, size, unknown } from "@regnet/core";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Executable, KernelTiming, MemoryUse } from "../engine.js";
import { expectFinite } from "../finite.js";
import { memoryUse } from "./memoryUse.js";
import { profileGraph } from "./profile.js";
import { createSession, type SessionOptions } from "./session.js";
import { expectLength, State, tensor } from "./state.js";

/** What a run of a graph reads and writes beside its inputs and outputs. */
type Weights = Record<string, Float32Array>;

/** Runs before a profile: the first ones plan their memory and touch it for the first time. */
const WARM_UP = 3;

/** A graph in an ONNX Runtime session, with buffers for inputs, outputs and state that every run uses again. */
export class OnnxRuntimeExecutable implements Executable {
  readonly engine = "onnxruntime" as const;
  readonly notes: readonly string[] = [];
  readonly memory: MemoryUse;
  private readonly inputs: ReadonlyMap<string, Tensor>;
  private readonly outputs: ReadonlyMap<string, Tensor>;
  private readonly state: State | undefined;
  /** Whether weights that are part of the session were written since it was made. */
  private stale = false;
  /** The latest run asked for, and so all before it; the session outlives it. */
  private running: Promise<void> = Promise.resolve();
  /** What is written before the latest run asked for has ended; undefined where it has. */
  private waiting: (() => void)[] | undefined;
  private disposed = false;

  /** @param weights values of every parameter; owned by the executable from here on */
  static async create(graph: Graph, weights: Weights, options: SessionOptions): Promise<OnnxRuntimeExecutable> {
    return new OnnxRuntimeExecutable(graph, weights, options, await createSession(graph, weights, options));
  }

  private constructor(
    readonly graph: Graph,
    private readonly weights: Weights,
    private readonly options: SessionOptions,
    private session: InferenceSession,
  ) {
    this.inputs = tensors(graph.inputs);
    this.outputs = tensors(graph.outputs);
    this.state = graph.updates.length > 0 ? new State(graph, weights) : undefined;
    this.memory = memoryUse(graph);
  }

  input(name: string): Float32Array {
    return this.find("input", this.inputs, name);
  }

  output(name: string): Float32Array {
    return this.find("output", this.outputs, name);
  }

  async run(): Promise<void> {
    this.expectAlive();
    await this.inTurn(() => this.runLatest());
  }

  read(parameter: string): Float32Array {
    this.expectAlive();
    return this.present(parameter).slice();
  }

  write(parameter: string, values: Float32Array): void {
    this.expectAlive();
    expectLength(parameter, values, this.present(parameter).length);
    expectFinite(parameter, values);
    if (this.waiting) this.waiting.push(this.set.bind(this, parameter, values.slice()));
    else this.set(parameter, values);
  }

  async profile(): Promise<readonly KernelTiming[]> {
    this.expectAlive();
    return this.inTurn(() => profileGraph(this.graph, (prefix) => this.trace(prefix)));
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    void this.running.then(() => this.session.release());
  }

  /**
   * Calls `work` once what was asked for before has ended, whether well or not: runs share their buffers. What is written
   * meanwhile, while the work may read it, takes effect as the work ends.
   */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const writes: (() => void)[] = [];
    this.waiting = writes;
    const done = this.running.then(work).finally(() => {
      for (const write of writes) write();
      if (this.waiting === writes) this.waiting = undefined;
    });
    this.running = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** A run in a session of its own, which writes its trace to a file that starts with `profile`. */
  private async trace(profile: string): Promise<void> {
    const session = await createSession(this.graph, this.weights, { ...this.options, profile });
    for (let i = 0; i < WARM_UP; i++) await this.compute(session);
    await this.runOn(session);
    session.endProfiling();
    await session.release();
  }

  private async runLatest(): Promise<void> {
    if (this.stale) await this.renew();
    await this.runOn(this.session);
  }

  private async runOn(session: InferenceSession): Promise<void> {
    await this.compute(session);
    this.state?.swap();
  }

  /** Outputs and next state, which takes effect only by a swap. */
  private async compute(session: InferenceSession): Promise<void> {
    const feeds = Object.fromEntries([...this.inputs, ...(this.state?.feeds() ?? [])]);
    const fetches = Object.fromEntries([...this.outputs, ...(this.state?.fetches() ?? [])]);
    await session.run(feeds, fetches);
  }

  /** A session with the weights as they are now, folded and repacked. */
  private async renew(): Promise<void> {
    const { session: old } = this;
    this.session = await createSession(this.graph, this.weights, this.options);
    this.stale = false;
    await old.release();
  }

  private set(parameter: string, values: Float32Array): void {
    this.present(parameter).set(values);
    this.stale = !this.state;
  }

  /** The buffer that holds a parameter's value between runs. */
  private present(parameter: string): Float32Array {
    const values = this.state ? this.state.present(parameter) : this.weights[parameter];
    if (!values) throw unknown("parameter", parameter, Object.keys(this.weights));
    return values;
  }

  private find(what: string, named: ReadonlyMap<string, Tensor>, name: string): Float32Array {
    this.expectAlive();
    const found = named.get(name);
    if (!found) throw unknown(what, name, [...named.keys()]);
    return found.data as Float32Array;
  }

  private expectAlive(): void {
    if (this.disposed) throw new RegnetError("invalid use of an executable after dispose()");
  }
}

function tensors(values: readonly NamedValue[]): Map<string, Tensor> {
  return new Map(values.map(({ name, value: { shape } }) => [name, tensor(new Float32Array(size(shape)), shape)]));
}
