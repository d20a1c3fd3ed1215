import type { ArgumentKey, PrimitiveDescriptor } from "../binding/dnn.js";
import type { GeneratedKernel } from "../generated/generatedKernel.js";
import type { Tensor } from "./tensor.js";

/** What a step belongs to, for profiles and messages. */
export interface Origin {
  /** Name of the graph node. */
  readonly node: string;
  readonly op: string;
}

export type Operands = Partial<Record<ArgumentKey, Tensor>>;

/** One kernel call of a run. */
export interface PrimitiveStep extends Origin {
  readonly kind: "primitive";
  readonly descriptor: PrimitiveDescriptor;
  readonly reads: Operands;
  readonly writes: Operands;
  /** Result and operand that may share memory, if the operand is not needed afterwards. */
  readonly inPlace?: readonly [result: Tensor, operand: Tensor];
}

/** One call of a kernel of our own. */
export interface GeneratedStep extends Origin {
  readonly kind: "generated";
  readonly kernel: GeneratedKernel;
  readonly reads: Operands;
  readonly writes: Operands;
  /** As of a primitive. */
  readonly inPlace?: readonly [result: Tensor, operand: Tensor];
}

/** A small computation in JavaScript, on blocks that have arrays. */
export interface HostStep extends Origin {
  readonly kind: "host";
  readonly run: () => void;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export type Step = PrimitiveStep | GeneratedStep | HostStep;

export function readsOf(step: Step): readonly Tensor[] {
  return step.kind === "host" ? step.inputs : Object.values(step.reads).filter((tensor) => tensor !== undefined);
}

export function writesOf(step: Step): readonly Tensor[] {
  return step.kind === "host" ? step.outputs : Object.values(step.writes).filter((tensor) => tensor !== undefined);
}
