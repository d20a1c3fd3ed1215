import type { Shape } from "../graph.js";
import type { OnnxScope } from "../op.js";

export function reshaped(scope: OnnxScope, value: string, shape: Shape): string {
  return scope.emit("Reshape", [value, scope.int64(shape)])[0];
}
