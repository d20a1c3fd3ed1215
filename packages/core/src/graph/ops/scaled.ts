import type { Shape } from "../graph.js";
import type { OnnxScope } from "../op.js";
import { reshaped } from "./reshaped.js";

/** Writes value · factor, the factor a number or a value of one element. */
export function scaled(scope: OnnxScope, value: string, shape: Shape, factor: string | number): string {
  return scope.emit("Mul", [value, withAxesOf(scope, factor, shape)])[0];
}

/**
 * One element with as many axes as a shape has. One with fewer ONNX Runtime spreads along the last axis at a time, and so
 * element by element where that axis has one.
 */
export function withAxesOf(scope: OnnxScope, element: string | number, shape: Shape): string {
  const axes = shape.map(() => 1);
  if (typeof element === "number") return scope.float([element], axes);
  return axes.length === 1 ? element : reshaped(scope, element, axes);
}
