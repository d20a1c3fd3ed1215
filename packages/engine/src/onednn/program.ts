import { performance } from "node:perf_hooks";
import type { KernelTiming } from "../engine.js";
import { packArguments } from "./binding/common.js";
import type { ArgumentKey, Dnn, PrimitiveDescriptor } from "./binding/dnn.js";
import { addressOf, type Pointer } from "./binding/native.js";
import type { Arena } from "./memory/arena.js";
import type { Assignment } from "./memory/assign.js";
import type { PrimitiveStep, Step } from "./plan/step.js";
import type { Tensor } from "./plan/tensor.js";

/** A step whose memory is settled. */
type Instruction =
  | { readonly step: PrimitiveStep; readonly primitive: Pointer; readonly count: number; readonly packed: Buffer }
  | { readonly step: Extract<Step, { kind: "host" }>; readonly primitive: undefined };

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
  assemble(steps: readonly Step[]): readonly Instruction[] {
    return steps.map((step) => (step.kind === "host" ? { step, primitive: undefined } : this.instruction(step)));
  }

  execute(instructions: readonly Instruction[]): void {
    for (const instruction of instructions) this.one(instruction);
  }

  /** `execute` with the time each instruction took. */
  time(instructions: readonly Instruction[]): KernelTiming[] {
    return instructions.map((instruction) => {
      const start = performance.now();
      this.one(instruction);
      const milliseconds = performance.now() - start;
      const { step } = instruction;
      const kernel = step.kind === "host" ? "javascript" : step.descriptor.kernel;
      return { node: step.node, op: step.op, kernel, milliseconds };
    });
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

  private one(instruction: Instruction): void {
    if (instruction.primitive === undefined) instruction.step.run();
    else this.dnn.execute(instruction.primitive, instruction.count, instruction.packed);
  }

  /** One primitive serves all steps of a descriptor: it keeps nothing between two calls. */
  private primitive(descriptor: PrimitiveDescriptor): Pointer {
    let primitive = this.primitives.get(descriptor);
    if (primitive === undefined) {
      primitive = this.dnn.createPrimitive(descriptor);
      this.primitives.set(descriptor, primitive);
    }
    return primitive;
  }

  private instruction(step: PrimitiveStep): Instruction {
    const primitive = this.primitive(step.descriptor);
    const entries = Object.entries({ ...step.reads, ...step.writes }).flatMap(([key, tensor]) =>
      tensor ? [[/^\d+$/.test(key) ? Number(key) : (key as ArgumentKey), this.memory(tensor)] as const] : [],
    );
    return { step, primitive, count: entries.length, packed: packArguments(entries) };
  }
}
