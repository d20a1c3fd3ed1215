import { performance } from "node:perf_hooks";
import type { KernelTiming } from "../engine.js";
import { ARGUMENT_BYTES, packArguments } from "./binding/common.js";
import type { ArgumentKey, Dnn, PrimitiveDescriptor } from "./binding/dnn.js";
import { addressOf, type Pointer } from "./binding/native.js";
import type { Arena } from "./memory/arena.js";
import type { Assignment } from "./memory/assign.js";
import type { PrimitiveStep, Step } from "./plan/step.js";
import type { Tensor } from "./plan/tensor.js";

/**
 * Steps whose memory is settled. What a run reads of them lies end to end in the order of the steps: kernels leave
 * nothing in the caches but what they worked on, and objects here and there would have to be fetched one by one.
 */
interface Instructions {
  readonly steps: readonly Step[];
  /** Addresses of primitives; 0 for a step on the host. Addresses of a process are exact in float64. */
  readonly primitives: Float64Array;
  /** How many arguments each step has. */
  readonly counts: Int32Array;
  /** The arguments of all steps. */
  readonly packed: Buffer;
}

/** Native primitives and memories of one executable, made and freed together. */
export class Program {
  private readonly primitives = new Map<PrimitiveDescriptor, Pointer>();
  private readonly memories = new Map<string, Pointer>();

  constructor(
    private readonly dnn: Dnn,
    private readonly arena: Arena,
    private readonly assignment: Assignment,
  ) {}

  /** Makes the primitives of some steps. */
  assemble(planned: readonly Step[]): Instructions {
    const steps = planned.filter((step) => !this.movesNothing(step));
    const operands = steps.map((step) => (step.kind === "host" ? [] : this.operands(step)));
    return {
      steps,
      primitives: Float64Array.from(steps, (step) => (step.kind === "host" ? 0 : Number(this.primitive(step)))),
      counts: Int32Array.from(operands, ({ length }) => length),
      packed: packArguments(operands.flat()),
    };
  }

  execute(instructions: Instructions): void {
    this.each(instructions, () => undefined);
  }

  /** `execute` with the time each step took. */
  time(instructions: Instructions): KernelTiming[] {
    const timings: KernelTiming[] = [];
    let start = performance.now();
    this.each(instructions, (step) => {
      const milliseconds = performance.now() - start;
      const kernel = step.kind === "host" ? "javascript" : step.descriptor.kernel;
      timings.push({ node: step.node, op: step.op, kernel, milliseconds });
      start = performance.now();
    });
    return timings;
  }

  /** The native memory of a tensor. */
  memory({ block, layout, offset }: Tensor): Pointer {
    const address = block.array
      ? addressOf(block.array) + BigInt(offset)
      : this.arena.address + BigInt(this.assignment.offset(block) + offset);
    const key = `${address} ${layout.key}`;
    let memory = this.memories.get(key);
    if (memory === undefined) {
      memory = this.dnn.createMemory(layout, address);
      this.memories.set(key, memory);
    }
    return memory;
  }

  release(): void {
    for (const primitive of this.primitives.values()) this.dnn.destroyPrimitive(primitive);
    for (const memory of this.memories.values()) this.dnn.destroyMemory(memory);
    this.primitives.clear();
    this.memories.clear();
  }

  private each({ steps, primitives, counts, packed }: Instructions, done: (step: Step) => void): void {
    let address = Number(addressOf(packed));
    for (let i = 0; i < primitives.length; i++) {
      if (primitives[i] === 0) (steps[i] as Extract<Step, { kind: "host" }>).run();
      else this.dnn.execute(primitives[i], counts[i], address);
      address += counts[i] * ARGUMENT_BYTES;
      done(steps[i]);
    }
  }

  /** True for a copy that took the memory of what it copies. */
  private movesNothing(step: Step): boolean {
    if (step.kind === "host" || step.op !== "reorder") return false;
    const { reads, writes } = step;
    return this.memory(reads.source!) === this.memory(writes.destination!);
  }

  /** One primitive serves all steps of a descriptor: it keeps nothing between two calls. */
  private primitive({ descriptor }: PrimitiveStep): Pointer {
    let primitive = this.primitives.get(descriptor);
    if (primitive === undefined) {
      primitive = this.dnn.createPrimitive(descriptor);
      this.primitives.set(descriptor, primitive);
    }
    return primitive;
  }

  private operands({ reads, writes }: PrimitiveStep): (readonly [ArgumentKey, Pointer])[] {
    return Object.entries({ ...reads, ...writes }).flatMap(([key, tensor]) =>
      tensor ? [[/^\d+$/.test(key) ? Number(key) : (key as ArgumentKey), this.memory(tensor)] as const] : [],
    );
  }
}
