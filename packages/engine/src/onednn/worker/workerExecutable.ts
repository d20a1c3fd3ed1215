import { Worker } from "node:worker_threads";
import { type ErrorCode, findParameter, type Graph, RegnetError, size, unknown } from "@regnet/core";
import { builtModule } from "../../builtModule.js";
import type { CompileOptions, Executable, KernelTiming, MemoryUse } from "../../engine.js";
import { expectFinite } from "../../finite.js";
import { closeAtExit, createGate, isClosed } from "../../nativeGate.js";
import { expectWhole } from "../../startingState.js";
import { sharedArray } from "../plan/tensor.js";
import { expectLength } from "../transfer.js";
import { type Compiled, type Failure, type Reply, type Request, SIGNAL, type WorkerTask } from "./messages.js";

/**
 * `onednn.compile` in a thread of its own: runs leave the caller's event loop free. Inputs and outputs lie in shared
 * memory, so nothing is copied. `read` and `write` wait for a run under way.
 *
 * @throws RegnetError as `onednn.compile` does
 */
export async function compileInWorker(graph: Graph, options: CompileOptions = {}): Promise<Executable> {
  // Before the thread has a copy of it, and in this one, since errors lose their class from thread to thread.
  expectWhole(graph, options);
  const gate = createGate();
  const workerData: WorkerTask = { graph, options, gate };
  const worker = new Worker(builtModule("onednn/worker/workerThread.js"), { workerData, execArgv: [] });
  closeAtExit(worker, gate);
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the engine's thread ended before it had compiled")));
    worker.once("message", (reply: Reply) => {
      if ("compiled" in reply) return resolve(new WorkerExecutable(worker, graph, reply.compiled, gate));
      return reject("failure" in reply ? asError(reply.failure) : new Error("the engine's thread gave no answer"));
    });
  });
}

/** How long to wait for the thread before looking whether it still lives. */
const PATIENCE_MS = 100;

/**
 * Whether a worker has ended, though the event that says so is still to come: it cannot while this thread waits. Node has no
 * other word for it than an idle time below zero, and that only if it was asked before while the worker lived.
 */
function hasEnded(worker: Worker): boolean {
  return worker.performance.eventLoopUtilization().idle < 0;
}

interface Pending {
  resolve(timings: readonly KernelTiming[]): void;
  reject(error: Error): void;
}

class WorkerExecutable implements Executable {
  readonly engine = "onednn";
  readonly memory: MemoryUse;
  readonly notes: readonly string[];
  private readonly pending = new Map<number, Pending>();
  private runs = 0;
  private disposed = false;
  /** Why the thread ended, if it did so unasked. */
  private death: Error | undefined;

  constructor(
    private readonly worker: Worker,
    readonly graph: Graph,
    private readonly compiled: Compiled,
    private readonly gate: SharedArrayBuffer,
  ) {
    [this.memory, this.notes] = [compiled.memory, compiled.notes];
    hasEnded(worker);
    worker.removeAllListeners("error");
    worker.on("message", (reply: Reply) => this.settle(reply));
    worker.on("error", (error) => this.fail(error));
    worker.on("exit", (code) => this.fail(new Error(`exit code ${code}`)));
    worker.unref();
  }

  input(name: string): Float32Array {
    return this.array("input", this.compiled.inputs, name);
  }

  output(name: string): Float32Array {
    return this.array("output", this.compiled.outputs, name);
  }

  async run(): Promise<void> {
    await this.compute("run");
  }

  profile(): Promise<readonly KernelTiming[]> {
    return this.compute("profile");
  }

  read(name: string): Float32Array {
    const values = this.staged(name);
    this.exchange("read", name, values);
    return Float32Array.from(values);
  }

  write(name: string, values: Float32Array): void {
    const staged = this.staged(name);
    expectLength(`parameter ${name}`, values, [staged.length]);
    expectFinite(name, values);
    staged.set(values);
    this.exchange("write", name, staged);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.send({ do: "dispose" });
  }

  private compute(what: "run" | "profile"): Promise<readonly KernelTiming[]> {
    try {
      this.expectAlive();
    } catch (error) {
      return Promise.reject(error);
    }
    const id = ++this.runs;
    this.worker.ref();
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.send({ id, do: what });
    });
  }

  private settle(reply: Reply): void {
    if (!("id" in reply) || reply.id === undefined) return;
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.worker.unref();
    if ("failure" in reply) pending?.reject(asError(reply.failure));
    else pending?.resolve(reply.timings ?? []);
  }

  private fail(cause: Error): void {
    if (!this.disposed) this.death ??= new Error(`the engine's thread ended: ${cause.message}`, { cause });
    const reason = this.death ?? new Error("the executable was disposed before it had run");
    for (const { reject } of this.pending.values()) reject(reason);
    this.pending.clear();
  }

  /** Blocks until the thread has read or written. */
  private exchange(what: "read" | "write", name: string, values: Float32Array): void {
    const signal = new Int32Array(new SharedArrayBuffer(4));
    this.send({ do: what, name, values, signal });
    while (Atomics.wait(signal, 0, SIGNAL.waiting, PATIENCE_MS) === "timed-out") {
      const isLost = hasEnded(this.worker) && Atomics.load(signal, 0) === SIGNAL.waiting;
      if (isLost) throw new Error(`the engine's thread ended before it could ${what} parameter ${name}`);
    }
    if (signal[0] === SIGNAL.failed) throw new Error(`the engine's thread could not ${what} parameter ${name}`);
  }

  /** An array in shared memory for a parameter's values. */
  private staged(name: string): Float32Array {
    this.expectAlive();
    const parameter = findParameter(this.graph, name);
    if (parameter) return sharedArray(size(parameter.value.shape));
    throw unknown(
      "parameter",
      name,
      this.graph.parameters.map((entry) => entry.name),
    );
  }

  private array(kind: "input" | "output", arrays: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
    this.expectAlive();
    const array = arrays.get(name);
    if (!array) throw unknown(kind, name, [...arrays.keys()]);
    return array;
  }

  private send(request: Request): void {
    this.worker.postMessage(request);
  }

  private expectAlive(): void {
    if (this.disposed) throw new RegnetError("invalid use: the executable was disposed", "invalid", "executable");
    if (this.death) throw this.death;
    if (isClosed(this.gate)) throw new RegnetError("invalid use: the process is exiting", "invalid", "executable");
  }
}

function asError({ message, code, path }: Failure): Error {
  return code ? new RegnetError(message, code as ErrorCode, path) : new Error(message);
}
