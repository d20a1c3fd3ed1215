import { type Shape, size } from "@regnet/core";

/** A float64 tensor in plain (row-major) layout. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export function zeros(shape: Shape): Tensor {
  return { shape, data: new Float64Array(size(shape)) };
}

/** The tensor whose elements are `f` of the operands' elements at the same place. Shapes must agree. */
export function map(f: (...elements: number[]) => number, first: Tensor, ...rest: readonly Tensor[]): Tensor {
  const data = new Float64Array(first.data.length);
  for (let i = 0; i < data.length; i++) data[i] = f(first.data[i], ...rest.map((operand) => operand.data[i]));
  return { shape: first.shape, data };
}

/** Calls `visit` with each element's offset in `full` and in `part`, whose extents are those of `full` or 1. */
export function spread(full: Shape, part: Shape, visit: (fullAt: number, partAt: number) => void): void {
  const strides = part.map((extent, axis) => (extent === 1 ? 0 : size(part.slice(axis + 1))));
  const at = full.map(() => 0);
  const count = size(full);
  for (let i = 0; i < count; i++) {
    visit(
      i,
      at.reduce((offset, index, axis) => offset + index * strides[axis], 0),
    );
    for (let axis = full.length - 1; axis >= 0 && ++at[axis] === full[axis]; axis--) at[axis] = 0;
  }
}

/** Height and width planes: [N,C,H,W] as N, C and the elements of one plane; [N,C] has planes of one element. */
export function planes({ shape }: Tensor): { n: number; c: number; area: number } {
  return { n: shape[0], c: shape[1], area: size(shape.slice(2)) };
}
