import type { GraphNode, Shape } from "@regnet/core";
import type { Pair, SpecOf } from "../binding/specs.js";
import type { Plan } from "../plan/plan.js";
import { type Lowering, originOf } from "./lowering.js";

/** The pooling primitive of a node that goes from images `x` to images `y`. */
function specOf(plan: Plan, { op, attributes }: GraphNode, x: Shape, y: Shape): Omit<SpecOf<"pooling">, "pass"> {
  const pair = (name: string, otherwise: Pair): Pair => {
    const value = attributes[name] as number | undefined;
    return value === undefined ? otherwise : [value, value];
  };
  const padding = pair("padding", [0, 0]);
  return {
    kind: "pooling",
    algorithm: op.startsWith("max") ? "max" : "averageIncludingPadding",
    source: plan.layouts.image(x, plan.type),
    destination: plan.layouts.image(y, plan.type),
    kernel: pair("kernel", [x[2], x[3]]),
    strides: pair("stride", [x[2], x[3]]),
    padding,
    paddingEnd: padding,
  };
}

const pool: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [x] = node.inputs;
  const spec = specOf(plan, node, x.shape, node.outputs[0].shape);
  const trained = plan.fusions.readers.of(x).some(({ op }) => op === "maxPoolBackward");
  const descriptor = plan.require({ ...spec, pass: trained ? "training" : "inference" }, origin);
  const y = plan.allocate(spec.destination);
  const workspace = trained ? plan.allocate(descriptor.memory("workspace")) : undefined;
  if (workspace) plan.workspaces.set(x.id, { tensor: workspace, descriptor });
  const source = plan.as(plan.tensor(x), spec.source, origin);
  plan.emit(origin, descriptor, { source }, { destination: y, workspace });
  plan.define(node.outputs[0], y);
};

const averagePoolBackward: Lowering = (node, plan) => {
  const origin = originOf(node);
  const spec = specOf(plan, node, node.outputs[0].shape, node.inputs[0].shape);
  const hint = plan.require({ ...spec, pass: "training" }, origin);
  const descriptor = plan.require({ ...spec, pass: "backward" }, origin, [], hint);
  const dx = plan.allocate(spec.source);
  const dy = plan.as(plan.tensor(node.inputs[0]), spec.destination, origin);
  plan.emit(origin, descriptor, { destinationGradient: dy }, { sourceGradient: dx });
  plan.define(node.outputs[0], dx);
};

const maxPoolBackward: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [dyValue, x] = node.inputs;
  const spec = specOf(plan, node, x.shape, dyValue.shape);
  const known = plan.workspaces.get(x.id);
  const hint = plan.require({ ...spec, pass: "training" }, origin);
  let workspace = known?.descriptor === hint ? known.tensor : undefined;
  if (!workspace) {
    workspace = plan.allocate(hint.memory("workspace"));
    const source = plan.as(plan.tensor(x), spec.source, origin);
    plan.emit(origin, hint, { source }, { destination: plan.allocate(spec.destination), workspace });
  }
  const descriptor = plan.require({ ...spec, pass: "backward" }, origin, [], hint);
  const dx = plan.allocate(spec.source);
  const dy = plan.as(plan.tensor(dyValue), spec.destination, origin);
  plan.emit(origin, descriptor, { destinationGradient: dy, workspace }, { sourceGradient: dx });
  plan.define(node.outputs[0], dx);
};

export const poolings: Readonly<Record<string, Lowering>> = {
  averagePool: pool,
  maxPool: pool,
  globalAveragePool: pool,
  averagePoolBackward,
  globalAveragePoolBackward: averagePoolBackward,
  maxPoolBackward,
};
