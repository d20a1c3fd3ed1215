import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { channelsLastLayout } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import type { Window } from "./convolutionSpecs.js";

/**
 * True for a window of one place that goes over images with channels last, where kernels multiply tiles: it is a linear
 * layer over the places of all images.
 */
export function isPlacewise({ layouts }: Plan, { weights, strides, padding }: Window): boolean {
  const [, , height, width] = weights;
  return layouts.tiled && weights.length === 4 && height * width === 1 && strides[0] === 1 && padding[0] === 0;
}

/**
 * The gradient of such a window's weights [O, I, 1, 1] and bias [O] by the kernels for linear layers, which take a quarter of
 * the time of those for convolutions.
 */
export function placewiseGradient(
  plan: Plan,
  window: Window,
  x: Tensor,
  dy: Tensor,
  origin: Origin,
  bias?: MemoryDescriptor,
): { readonly weights: Tensor; readonly bias?: Tensor } {
  const { dnn, type } = plan;
  const [outputs, inputs] = window.weights;
  const rows = (tensor: Tensor) => {
    const [n, c, h, w] = tensor.dims;
    return plan.as(tensor, channelsLastLayout(dnn, tensor.dims, type), origin).view(dnn.strided([n * h * w, c], type));
  };
  const [source, destination] = [rows(x), rows(dy)];
  const shared = { kind: "innerProduct", source: source.layout, destination: destination.layout } as const;
  const hint = plan.require({ ...shared, pass: "training", weights: dnn.any([outputs, inputs], type) }, origin);
  const spec = { ...shared, pass: "backwardWeights", weights: dnn.any([outputs, inputs], "f32"), bias } as const;
  const descriptor = plan.require(spec, origin, [], hint);
  const dw = plan.allocate(descriptor.memory("weightsGradient"));
  const db = bias && plan.allocate(bias);
  const reads = { source, destinationGradient: destination };
  plan.emit(origin, descriptor, reads, { weightsGradient: dw, biasGradient: db });
  const plain = plan.as(dw, dnn.strided([outputs, inputs], "f32"), origin);
  return { weights: plain.view(dnn.strided(window.weights, "f32")), bias: db };
}
