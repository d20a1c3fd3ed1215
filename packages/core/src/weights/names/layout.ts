import { invalid } from "../../errors.js";
import { type Shape, sameShape } from "../../graph/graph.js";
import type { Naming } from "./naming.js";

/** Elements with their shape. */
export interface Floats {
  readonly shape: Shape;
  readonly data: Float32Array;
}

const POINTWISE = /\.mlp\.fc[12]\.weight$/;
const LAYER_SCALE = /\.gamma$/;
const FIRST_CONVOLUTION = "stem.conv.weight";

/**
 * One of our tensors as the other project holds it. ConvNeXt's two linear layers are 1×1 convolutions here and
 * matrices there; torchvision's layer scale is [c,1,1]; pycls feeds its networks blue, green, red.
 */
export function fromOurs(naming: Naming, name: string, tensor: Floats): Floats {
  if (POINTWISE.test(name)) return { ...tensor, shape: tensor.shape.slice(0, 2) };
  if (LAYER_SCALE.test(name) && naming === "torchvision") return { ...tensor, shape: [...tensor.shape, 1, 1] };
  return naming === "pycls" && name === FIRST_CONVOLUTION ? reverseChannels(tensor) : tensor;
}

/**
 * One of the other project's tensors as we hold it; the inverse of `fromOurs`.
 *
 * @param shape what it has to be here
 * @throws RegnetError if its shape differs by more than extents of 1
 */
export function toOurs(naming: Naming, name: string, tensor: Floats, shape: Shape): Floats {
  const squeezed = (extents: Shape) => extents.filter((extent) => extent !== 1);
  if (!sameShape(squeezed(tensor.shape), squeezed(shape))) {
    throw invalid(`shape of ${name}`, tensor.shape, `[${shape}]`);
  }
  const ours = { shape, data: tensor.data };
  return naming === "pycls" && name === FIRST_CONVOLUTION ? reverseChannels(ours) : ours;
}

/** Swaps blue and red of a first convolution [out,3,k,k]; other numbers of channels have no such order. */
function reverseChannels({ shape, data }: Floats): Floats {
  if (shape[1] !== 3) return { shape, data };
  const area = shape[2] * shape[3];
  const reversed = new Float32Array(data.length);
  for (let plane = 0; plane * area < data.length; plane++) {
    const source = plane - (plane % 3) + 2 - (plane % 3);
    reversed.set(data.subarray(source * area, (source + 1) * area), plane * area);
  }
  return { shape, data: reversed };
}
