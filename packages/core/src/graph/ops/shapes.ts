import { RegnetError } from "../../errors.js";
import { type Shape, sameShape } from "../graph.js";

/** A shape error that names the op. */
export function shapeError(op: string, problem: string): RegnetError {
  return new RegnetError(`invalid shapes for ${op}: ${problem}`, "invalid", op);
}

export function expectCount(op: string, inputs: readonly Shape[], least: number, most = least): void {
  if (inputs.length >= least && inputs.length <= most) return;
  throw shapeError(op, `got ${inputs.length} inputs, expected ${least === most ? least : `${least} to ${most}`}`);
}

export function expectRank(op: string, what: string, shape: Shape, rank: number): void {
  if (shape.length !== rank) throw shapeError(op, `${what} is [${shape}], expected ${rank} extents`);
}

export function expectShape(op: string, what: string, got: Shape, expected: Shape): void {
  if (!sameShape(got, expected)) throw shapeError(op, `${what} is [${got}], expected [${expected}]`);
}

/** Extent of the output of a sliding window (floor mode). */
export function windowExtent(op: string, extent: number, kernel: number, stride: number, padding: number): number {
  const output = Math.floor((extent + 2 * padding - kernel) / stride) + 1;
  if (output < 1)
    throw shapeError(op, `a window of ${kernel} does not fit an extent of ${extent} padded by ${padding}`);
  return output;
}
