import { performance } from "node:perf_hooks";
import type { KernelTiming } from "../engine.js";
import { COUNTER_BYTES, HANDED } from "../machineCode/items.js";
import { ARGUMENT_BYTES, packArguments } from "./binding/common.js";
import type { ArgumentKey, Dnn, PrimitiveDescriptor } from "./binding/dnn.js";
import { addressOf, type Pointer } from "./binding/native.js";
import type { GeneratedKernel } from "./generated/generatedKernel.js";
import type { Arena } from "./memory/arena.js";
import type { Assignment } from "./memory/assign.js";
import { type LoadedCode, loadCode } from "./memory/executableMemory.js";
import { threadTeam } from "./openmp.js";
import type { GeneratedStep, PrimitiveStep, Step } from "./plan/step.js";
import type { Tensor } from "./plan/tensor.js";

/**
 * Steps whose memory is settled. What a run reads of them lies end to end in the order of the steps: kernels leave
 * nothing in the caches but what they worked on, and objects here and there would have to be fetched one by one.
 */
interface Instructions {
  readonly steps: readonly Step[];
  /** Addresses of primitives and of machine code; 0 for a step on the host. Addresses of a process are exact in float64. */
  readonly addresses: Float64Array;
  /** How many arguments each step's primitive has; of our own kernels `OWN`. */
  readonly counts: Int32Array;
  /** The arguments of all primitives. */
  readonly packed: Buffer;
  /** What our own kernels are handed: `RECORD` numbers each. */
  readonly records: BigInt64Array;
}

const OWN = -1;
/** Numbers of 64 bits that a kernel of our own is handed. */
const RECORD = HANDED.bytes / 8;

/** Native primitives and memories of one executable, made and freed together. */
export class Program {
  private readonly primitives = new Map<PrimitiveDescriptor, Pointer>();
  private readonly memories = new Map<string, Pointer>();
  /** Where machine code is loaded. */
  private readonly generated = new Map<GeneratedKernel["code"], Pointer>();
  private readonly code: LoadedCode[] = [];
  private readonly team = threadTeam();
  /** How many items of the kernel at hand are taken of each thread's part. */
  private readonly counters: Int32Array;

  constructor(
    private readonly dnn: Dnn,
    private readonly arena: Arena,
    private readonly assignment: Assignment,
    threads: number,
  ) {
    this.counters = new Int32Array(new ArrayBuffer(threads * COUNTER_BYTES));
  }

  /** Makes the primitives of some steps. */
  assemble(planned: readonly Step[]): Instructions {
    const steps = planned.filter((step) => !this.movesNothing(step));
    const own = steps.filter((step) => step.kind === "generated");
    this.load(new Set(own.map(({ kernel }) => kernel.code)));
    const operands = steps.map((step) => (step.kind === "primitive" ? this.operands(step) : []));
    return {
      steps,
      addresses: Float64Array.from(steps, (step) => Number(this.entry(step))),
      counts: Int32Array.from(steps, ({ kind }, i) => (kind === "generated" ? OWN : operands[i].length)),
      packed: packArguments(operands.flat()),
      records: outside(own.flatMap((step) => this.record(step))),
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
      timings.push({ node: step.node, op: step.op, kernel: kernelName(step), milliseconds });
      start = performance.now();
    });
    return timings;
  }

  /** The native memory of a tensor. */
  memory(tensor: Tensor): Pointer {
    const { layout } = tensor;
    const address = this.address(tensor);
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
    for (const code of this.code) code.release();
    this.primitives.clear();
    this.memories.clear();
    this.generated.clear();
    this.code.length = 0;
  }

  private each({ steps, addresses, counts, packed, records }: Instructions, done: (step: Step) => void): void {
    let address = Number(addressOf(packed));
    let record = Number(addressOf(records));
    for (let i = 0; i < addresses.length; i++) {
      if (counts[i] === OWN) {
        this.counters.fill(0);
        this.team!.run(addresses[i], record);
        record += HANDED.bytes;
      } else {
        if (addresses[i] === 0) (steps[i] as Extract<Step, { kind: "host" }>).run();
        else this.dnn.execute(addresses[i], counts[i], address);
        address += counts[i] * ARGUMENT_BYTES;
      }
      done(steps[i]);
    }
  }

  private address({ block, offset }: Tensor): Pointer {
    return block.array
      ? addressOf(block.array) + BigInt(offset)
      : this.arena.address + BigInt(this.assignment.offset(block) + offset);
  }

  /** Where a step's native code is called; 0 for a step on the host. */
  private entry(step: Step): Pointer {
    if (step.kind === "host") return 0n;
    return step.kind === "primitive" ? this.primitive(step) : this.generated.get(step.kernel.code)!;
  }

  private load(codes: ReadonlySet<GeneratedKernel["code"]>): void {
    const missing = [...codes].filter((code) => !this.generated.has(code));
    if (missing.length === 0) return;
    const loaded = loadCode(missing);
    this.code.push(loaded);
    missing.forEach((code, i) => {
      this.generated.set(code, loaded.addresses[i]);
    });
  }

  private record({ kernel, reads, writes }: GeneratedStep): Pointer[] {
    const tensors = { ...reads, ...writes };
    const record = new Array<Pointer>(RECORD).fill(0n);
    record[HANDED.counters / 8] = addressOf(this.counters);
    record[HANDED.threadNumber / 8] = this.team!.threadNumber;
    kernel.operands.forEach((key, i) => {
      const tensor = tensors[key];
      if (tensor) record[1 + i] = this.address(tensor);
    });
    return record;
  }

  /** True for a copy that took the memory of what it copies. */
  private movesNothing(step: Step): boolean {
    if (step.kind !== "primitive" || step.op !== "reorder") return false;
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

function kernelName(step: Step): string {
  if (step.kind === "host") return "javascript";
  return step.kind === "primitive" ? step.descriptor.kernel : step.kernel.name;
}

/** Numbers in memory that stays where it is: small arrays lie in JavaScript's heap, where they are moved, unless their buffer is made first. */
function outside(values: readonly bigint[]): BigInt64Array {
  const array = new BigInt64Array(new ArrayBuffer(values.length * BigInt64Array.BYTES_PER_ELEMENT));
  array.set(values);
  return array;
}
