import { type Parameter, sameShape, size, type Value } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { isPlain } from "./layouts.js";
import type { Plan } from "./plan.js";
import { Block, sharedArray, Tensor } from "./tensor.js";

/** A parameter's home in a plan. */
export interface PlannedParameter {
  readonly parameter: Parameter;
  /** False for one that no run changes: it lives in an array, and what kernels want is derived from it once. */
  readonly mutable: boolean;
  readonly tensor: Tensor;
}

/** The parameters of a plan. The first kernel that reads one decides how it lies. */
export class ParameterStore {
  private readonly byValue: ReadonlyMap<number, Parameter>;
  private readonly updated: ReadonlySet<string>;
  private readonly homes = new Map<number, PlannedParameter>();

  constructor(private readonly plan: Plan) {
    this.byValue = new Map(plan.graph.parameters.map((parameter) => [parameter.value.id, parameter]));
    this.updated = new Set(plan.graph.updates.map(({ parameter }) => parameter));
  }

  get planned(): readonly PlannedParameter[] {
    return [...this.homes.values()];
  }

  /** The parameter that `value` is, if it is one. */
  parameter(value: Value): Parameter | undefined {
    return this.byValue.get(value.id);
  }

  isMutable(value: Value): boolean {
    const parameter = this.byValue.get(value.id);
    return parameter !== undefined && this.updated.has(parameter.name);
  }

  /** The parameter's tensor, plain unless it was laid out before; undefined for other values. */
  tensor(value: Value): Tensor | undefined {
    const parameter = this.byValue.get(value.id);
    if (!parameter) return undefined;
    return (this.homes.get(value.id) ?? this.settle(parameter)).tensor;
  }

  /** Lays a parameter that runs change out as its main reader likes it. No effect if it lies somewhere already. */
  prefer(value: Value, layout: () => MemoryDescriptor): void {
    if (!this.isMutable(value) || this.homes.has(value.id)) return;
    this.settle(this.byValue.get(value.id)!, layout());
  }

  private settle(parameter: Parameter, layout?: MemoryDescriptor): PlannedParameter {
    const { value, name } = parameter;
    const mutable = this.updated.has(name);
    const home = { parameter, mutable, tensor: mutable ? this.state(value, layout) : this.fixed(value) };
    this.homes.set(value.id, home);
    return home;
  }

  private state(value: Value, layout = this.plan.dnn.strided(value.shape, "f32")): Tensor {
    const tensor = this.plan.allocate(layout);
    tensor.block.permanent = true;
    return tensor;
  }

  private fixed(value: Value): Tensor {
    const tensor = new Tensor(Block.host(sharedArray(size(value.shape))), this.plan.dnn.strided(value.shape, "f32"));
    tensor.block.constant = true;
    return tensor;
  }
}

/** A tensor whose dimensions are written otherwise, for instance with a group dimension. */
export function withDims(plan: Plan, tensor: Tensor, dims: readonly number[], node: string): Tensor {
  if (sameShape(tensor.dims, dims)) return tensor;
  const { type } = tensor.layout;
  const plain = isPlain(tensor.layout)
    ? tensor
    : plan.as(tensor, plan.dnn.strided(tensor.dims, type), { node, op: "reorder" });
  const known = plain.variants.find((variant) => variant.block === plain.block && sameShape(variant.dims, dims));
  if (known) return known;
  const view = plain.view(plan.dnn.strided(dims, type));
  plain.variants.push(view);
  return view;
}
