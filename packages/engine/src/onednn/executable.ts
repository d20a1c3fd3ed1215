import { type Graph, RegnetError, unknown } from "@regnet/core";
import type { Executable, KernelTiming, MemoryUse } from "../engine.js";
import { expectFinite } from "../finite.js";
import { expectMemory } from "../freeMemory.js";
import { hasFiniteValues, type InputCheck, inputCheck } from "./inputs.js";
import type { Ports } from "./lower/index.js";
import { type Arena, mapArena } from "./memory/arena.js";
import { assign } from "./memory/assign.js";
import { memoryUse } from "./memoryUse.js";
import { useThreads } from "./openmp.js";
import type { PlannedParameter } from "./plan/parameters.js";
import type { Plan } from "./plan/plan.js";
import { Program } from "./program.js";
import { expectLength, Transfers } from "./transfer.js";

/** A graph planned, placed in memory and made of native primitives. Runs in the thread that made it. */
export class DnnExecutable implements Executable {
  readonly engine = "onednn";
  readonly graph: Graph;
  readonly memory: MemoryUse;
  private readonly transfers: Transfers;
  private readonly arena: Arena;
  private readonly program: Program;
  private readonly once: ReturnType<Program["assemble"]>;
  private readonly steps: ReturnType<Program["assemble"]>;
  private readonly checks: readonly InputCheck[];
  private readonly checkSteps: ReturnType<Program["assemble"]>;
  private readonly parameters: ReadonlyMap<string, PlannedParameter>;
  private stale = true;
  private disposed = false;

  constructor(
    plan: Plan,
    private readonly ports: Ports,
    private readonly threads: number,
    readonly notes: readonly string[],
  ) {
    const planned = parametersOf(plan);
    const kept = planned.map(({ tensor }) => tensor.block).filter(({ array }) => !array);
    this.checks = [...ports.inputs].map(([name, input]) => inputCheck(plan, name, input));
    const assignment = assign(plan.once, plan.steps, kept);
    [this.graph, this.transfers] = [plan.graph, new Transfers(plan.dnn)];
    const checkSteps = this.checks.flatMap(({ sums }) => (sums ? [sums.step] : []));
    this.memory = memoryUse(plan, ports, checkSteps, assignment);
    expectMemory(this.memory.total);
    this.arena = mapArena(assignment.bytes);
    this.program = new Program(plan.dnn, this.arena, assignment, threads);
    this.parameters = new Map(planned.map((entry) => [entry.parameter.name, entry]));
    try {
      this.once = this.program.assemble(plan.once);
      this.steps = this.program.assemble(plan.steps);
      this.checkSteps = this.program.assemble(checkSteps);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  input(name: string): Float32Array {
    return this.port("input", this.ports.inputs, name);
  }

  output(name: string): Float32Array {
    return this.port("output", this.ports.outputs, name);
  }

  /** All inputs and outputs. */
  arrays(): { inputs: ReadonlyMap<string, Float32Array>; outputs: ReadonlyMap<string, Float32Array> } {
    const all = (ports: Ports["inputs"]) => new Map([...ports].map(([name, { block }]) => [name, block.array!]));
    return { inputs: all(this.ports.inputs), outputs: all(this.ports.outputs) };
  }

  /** An input that is not finite makes all outputs NaN and leaves the state as it was. */
  async run(): Promise<void> {
    this.runNow();
  }

  /** `run`, done when it returns. */
  runNow(): void {
    if (this.prepare()) this.program.execute(this.steps);
  }

  async profile(): Promise<readonly KernelTiming[]> {
    return this.prepare() ? this.program.time(this.steps) : [];
  }

  read(name: string): Float32Array {
    this.expectAlive();
    const { tensor, parameter } = this.parameter(name);
    if (tensor.block.array) return Float32Array.from(tensor.block.array);
    const values = new Float32Array(parameter.value.shape.reduce((product, extent) => product * extent, 1));
    useThreads(this.threads);
    this.transfers.store(tensor.layout, this.program.memory(tensor), values);
    return values;
  }

  write(name: string, values: Float32Array): void {
    this.expectAlive();
    const { tensor, parameter } = this.parameter(name);
    expectLength(`parameter ${name}`, values, parameter.value.shape);
    expectFinite(name, values);
    if (tensor.block.array) {
      tensor.block.array.set(values);
      this.stale = true;
      return;
    }
    useThreads(this.threads);
    this.transfers.load(tensor.layout, this.program.memory(tensor), values);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.transfers.release();
    this.program.release();
    this.arena.release();
  }

  /** Readies a run; false where there is nothing to compute. */
  private prepare(): boolean {
    this.expectAlive();
    useThreads(this.threads);
    if (this.stale) this.program.execute(this.once);
    this.stale = false;
    this.program.execute(this.checkSteps);
    const finite = this.checks.every(hasFiniteValues);
    if (!finite) this.makeOutputsNaN();
    return finite;
  }

  private makeOutputsNaN(): void {
    for (const { block } of this.ports.outputs.values()) {
      block.array!.fill(Number.NaN);
      if (block.constant) this.stale = true; // made once, so the next run has to make it again
    }
  }

  private port(kind: "input" | "output", ports: Ports["inputs"], name: string): Float32Array {
    this.expectAlive();
    const tensor = ports.get(name);
    if (!tensor) throw unknown(kind, name, [...ports.keys()]);
    return tensor.block.array!;
  }

  private parameter(name: string): PlannedParameter {
    const entry = this.parameters.get(name);
    if (!entry) throw unknown("parameter", name, [...this.parameters.keys()]);
    return entry;
  }

  private expectAlive(): void {
    if (this.disposed) throw new RegnetError("invalid use: the executable was disposed", "invalid", "executable");
  }
}

function parametersOf(plan: Plan): readonly PlannedParameter[] {
  for (const { value } of plan.graph.parameters) plan.parameters.tensor(value);
  return plan.parameters.planned;
}
