import { type Graph, type GraphNode, RegnetError, size, type Value } from "@regnet/core";
import type { Dnn, PrimitiveDescriptor } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { ElementType, PostOp, PrimitiveSpec } from "../binding/specs.js";
import type { Fusions } from "../fuse/fusions.js";
import type { GeneratedKernel, KernelGenerator } from "../generated/generatedKernel.js";
import { isReference, kernelRank } from "./kernels.js";
import { type Layouts, sameBlocks, samePlaces } from "./layouts.js";
import { ParameterStore } from "./parameters.js";
import { type Operands, type Origin, readsOf, type Step, writesOf } from "./step.js";
import { Block, sharedArray, Tensor } from "./tensor.js";

/** What the planning of one graph builds up: tensors for its values and the steps of a run. */
export class Plan {
  /** Run when weights that never change are loaded. */
  readonly once: Step[] = [];
  /** Run every time. */
  readonly steps: Step[] = [];
  readonly parameters: ParameterStore;
  /** Steps that only slow kernels could be found for. */
  readonly references: (Origin & { readonly kernel: string })[] = [];
  /** What a forward op leaves for its gradient, by the id of a value that both know. */
  readonly workspaces = new Map<number, { readonly tensor: Tensor; readonly descriptor: PrimitiveDescriptor }>();
  /** Nodes whose steps are in the plan. */
  readonly done = new Set<GraphNode>();
  /** How values are planned again that are cheaper made for their gradients than kept, by their ids. */
  private readonly remade = new Map<number, () => Tensor>();
  private zeroes: Tensor | undefined;
  private readonly values = new Map<number, Tensor>();
  private readonly residents = new Map<Block, readonly Value[]>();
  private readonly descriptors = new Map<string, PrimitiveDescriptor | undefined>();

  constructor(
    readonly dnn: Dnn,
    readonly graph: Graph,
    readonly layouts: Layouts,
    readonly fusions: Fusions,
    /** Element type of activations and of the weights that kernels read. */
    readonly type: ElementType,
    /** Kernels of our own, where this machine can run them. */
    readonly generator?: KernelGenerator,
  ) {
    this.parameters = new ParameterStore(this);
  }

  /** A new block, which starts `skew` bytes past a multiple of `ALIGNMENT`, seen through `layout`. */
  allocate(layout: MemoryDescriptor, skew = 0): Tensor {
    return new Tensor(new Block(layout.bytes, skew), layout);
  }

  /** A new array in plain layout, visible to JavaScript. */
  allocateHost(dims: readonly number[], array = sharedArray(size(dims))): Tensor {
    return new Tensor(Block.host(array), this.dnn.strided(dims, "f32"));
  }

  /** A vector of numbers that never change. */
  constant(values: ArrayLike<number>, dims: readonly number[] = [values.length]): Tensor {
    const tensor = this.allocateHost(dims);
    tensor.block.array!.set(values);
    tensor.block.constant = true;
    return tensor;
  }

  /** A vector of one zero. */
  zero(type: ElementType): Tensor {
    this.zeroes ??= this.constant([0]);
    return this.as(this.zeroes, this.dnn.strided([1], type), { node: "zero", op: "reorder" });
  }

  define(value: Value, tensor: Tensor): void {
    this.values.set(value.id, tensor);
    this.residents.set(tensor.block, [...(this.residents.get(tensor.block) ?? []), value]);
  }

  /** The values of nodes that lie in a block so far. */
  valuesIn(block: Block): readonly Value[] {
    return this.residents.get(block) ?? [];
  }

  /** The tensor that holds a value of the graph. */
  tensor(value: Value): Tensor {
    const tensor = this.values.get(value.id) ?? this.parameters.tensor(value);
    if (!tensor) throw new RegnetError(`invalid graph: value ${value.id} is used before it is defined`);
    return tensor;
  }

  /** From `recall` on, the value is what `make` plans, so that the tensor it has now need not be kept until then. */
  remakeLater(value: Value, make: () => Tensor): void {
    this.remade.set(value.id, make);
  }

  /** True, and no longer, for a value that `recall` would make again: the caller makes it. */
  takeRemaking(value: Value): boolean {
    return this.tensor(value).variants.length === 0 && this.remade.delete(value.id);
  }

  /** `tensor` of a value that gradients read. */
  recall(value: Value): Tensor {
    const make = this.remade.get(value.id);
    this.remade.delete(value.id);
    // What was moved to another layout is kept there.
    if (make && this.tensor(value).variants.length === 0) this.define(value, make());
    return this.tensor(value);
  }

  /** `tensor` in another layout; adds a reorder unless it lies so already, or was brought there before. */
  as(tensor: Tensor, layout: MemoryDescriptor, origin: Origin): Tensor {
    if (tensor.layout.key === layout.key) return tensor;
    if (samePlaces(tensor.layout, layout)) return tensor.view(layout);
    const known = tensor.variants.find((variant) => variant.layout.key === layout.key);
    if (known) return known;
    const result = this.allocate(layout);
    // From one order of blocks to another there are faster kernels than out of plain order.
    const source = tensor.variants.find((variant) => sameBlocks(variant.layout, layout)) ?? tensor;
    this.copy(source, result, origin);
    tensor.variants.push(result);
    return result;
  }

  /** `tensor` in plain float32, in an array that JavaScript sees. */
  asHost(tensor: Tensor, origin: Origin): Tensor {
    const plain = this.dnn.strided(tensor.dims, "f32");
    if (tensor.block.array && tensor.offset === 0 && samePlaces(tensor.layout, plain)) return tensor.view(plain);
    const result = this.allocateHost(tensor.dims);
    this.copy(tensor, result, origin);
    return result;
  }

  copy(from: Tensor, to: Tensor, origin: Origin): void {
    const own = this.generator?.reorder(from.layout, to.layout);
    if (own) {
      this.emitGenerated({ ...origin, op: "reorder" }, own, { source: from }, { destination: to });
      return;
    }
    const descriptor = this.require({ kind: "reorder", source: from.layout, destination: to.layout }, origin);
    this.emit({ ...origin, op: "reorder" }, descriptor, { source: from }, { destination: to });
  }

  /**
   * A copy for a kernel to add its result to, in every run. It takes the tensor's own memory where nobody reads the tensor
   * afterwards, by whatever name; a run then leaves the copying out.
   */
  copyToChange(tensor: Tensor, origin: Origin): Tensor {
    const result = this.allocate(tensor.layout);
    result.block.changing = true;
    const descriptor = this.require({ kind: "reorder", source: tensor.layout, destination: result.layout }, origin);
    const reorder = { ...origin, op: "reorder" };
    this.emit(reorder, descriptor, { source: tensor }, { destination: result }, [result, tensor]);
    return result;
  }

  /** The library's implementation of a primitive, or undefined. The same question is asked once. */
  describe(
    spec: PrimitiveSpec,
    postOps: readonly PostOp[] = [],
    hint?: PrimitiveDescriptor,
  ): PrimitiveDescriptor | undefined {
    const key = [spec, ...postOps].map(keyOf).join("; ") + (hint ? ` after ${hint.native}` : "");
    if (this.descriptors.has(key)) return this.descriptors.get(key);
    const descriptor = this.dnn.describe(spec, postOps, hint);
    this.descriptors.set(key, descriptor);
    return descriptor;
  }

  /** `describe` of the first specification, in order of preference, whose kernel is of no lesser kind than the best. */
  best(
    specs: readonly PrimitiveSpec[],
    postOps: readonly PostOp[] = [],
    hint?: PrimitiveDescriptor,
  ): PrimitiveDescriptor | undefined {
    const found = specs.map((spec) => this.describe(spec, postOps, hint)).filter((entry) => entry !== undefined);
    const best = Math.max(...found.map(({ kernel }) => kernelRank(kernel)));
    return found.find(({ kernel }) => kernelRank(kernel) === best);
  }

  /** @throws RegnetError when `best` finds nothing */
  choose(
    specs: readonly PrimitiveSpec[],
    origin: Origin,
    postOps: readonly PostOp[] = [],
    hint?: PrimitiveDescriptor,
  ): PrimitiveDescriptor {
    const found = this.best(specs, postOps, hint);
    if (!found) throw unsupported(specs[0], origin, this.dnn);
    return found;
  }

  require(
    spec: PrimitiveSpec,
    origin: Origin,
    postOps: readonly PostOp[] = [],
    hint?: PrimitiveDescriptor,
  ): PrimitiveDescriptor {
    return this.choose([spec], origin, postOps, hint);
  }

  /** Adds a kernel call. One whose operands never change is run once. */
  emit(
    { node, op }: Origin,
    descriptor: PrimitiveDescriptor,
    reads: Operands,
    writes: Operands,
    inPlace?: readonly [result: Tensor, operand: Tensor],
  ): void {
    verifyLayouts(descriptor, { ...reads, ...writes });
    if (isReference(descriptor.kernel)) this.references.push({ node, op, kernel: descriptor.kernel });
    const scratch = descriptor.memory("scratchpad");
    const withScratch = scratch.bytes > 0 ? { ...writes, scratchpad: this.allocate(scratch) } : writes;
    this.add({ kind: "primitive", node, op, descriptor, reads, writes: withScratch, inPlace });
  }

  /** Adds a call of a kernel of our own. */
  emitGenerated(
    { node, op }: Origin,
    kernel: GeneratedKernel,
    reads: Operands,
    writes: Operands,
    inPlace?: readonly [result: Tensor, operand: Tensor],
  ): void {
    this.add({ kind: "generated", node, op, kernel, reads, writes, inPlace });
  }

  /** Adds a computation in JavaScript. */
  host(origin: Origin, inputs: readonly Tensor[], outputs: readonly Tensor[], run: () => void): void {
    this.add({ ...origin, kind: "host", inputs, outputs, run });
  }

  /** Frees what the library holds for the plan; what was built from it stays. */
  dispose(): void {
    for (const descriptor of this.descriptors.values()) if (descriptor) this.dnn.destroyDescriptor(descriptor);
    this.descriptors.clear();
  }

  private add(step: Step): void {
    const inputs = readsOf(step);
    const outputs = writesOf(step);
    const changes = outputs.some(({ block }) => block.changing);
    const fixed = inputs.length > 0 && !changes && inputs.every(({ block }) => block.constant);
    if (fixed) for (const { block } of outputs) block.constant = true;
    (fixed ? this.once : this.steps).push(step);
  }
}

/** Equal exactly for specifications that say the same. */
function keyOf(spec: PrimitiveSpec | PostOp): string {
  const fields: readonly [string, unknown][] = Object.entries(spec);
  return fields.map(([name, value]) => `${name} ${isLayout(value) ? value.key : value}`).join(", ");
}

function isLayout(value: unknown): value is MemoryDescriptor {
  return typeof value === "object" && value !== null && "key" in value;
}

const checkedKeys = [
  "source",
  "weights",
  "destination",
  "workspace",
  "sourceGradient",
  "weightsGradient",
  "destinationGradient",
] as const;

/** @throws TypeError where an operand does not lie as the kernel expects, which would make it read nonsense */
function verifyLayouts(descriptor: PrimitiveDescriptor, operands: Operands): void {
  for (const key of checkedKeys) {
    const tensor = operands[key];
    const wanted = tensor && descriptor.memory(key);
    if (!wanted || wanted.bytes === 0 || wanted.key === tensor.layout.key || samePlaces(wanted, tensor.layout))
      continue;
    throw new TypeError(`${descriptor.kernel} wants ${key} as ${wanted.key}, got ${tensor.layout.key}`);
  }
}

function unsupported(spec: PrimitiveSpec, { node, op }: Origin, dnn: Dnn): RegnetError {
  return new RegnetError(
    `unsupported ${op} "${node}": oneDNN ${dnn.version} has no ${spec.kind} of this shape and precision on ${dnn.instructionSet}; use another shape, precision or engine`,
    "unsupported",
    op,
  );
}
