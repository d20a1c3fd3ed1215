import type { Shape } from "../graph.js";
import type { OnnxScope } from "../op.js";

/**
 * Writes value · factor with a factor of one element. ONNX Runtime spreads a factor along the last axis at a time, and
 * so element by element where that axis has one; the product is therefore taken over a flat view.
 */
export function scaled(scope: OnnxScope, value: string, shape: Shape, factor: string): string {
  if (shape.length === 1) return scope.emit("Mul", [value, factor])[0];
  const [flat] = scope.emit("Reshape", [value, scope.int64([-1])]);
  const [product] = scope.emit("Mul", [flat, factor]);
  return scope.emit("Reshape", [product, scope.int64(shape)])[0];
}
