import { RegnetError } from "@regnet/core";
import type { Tensor } from "./plan/tensor.js";

/**
 * Called when a run's result is not finite.
 *
 * @throws RegnetError that names the input and the place of its first value that is no finite number, if there is one
 */
export function checkInputs(inputs: ReadonlyMap<string, Tensor>, result: string): void {
  for (const [name, { block }] of inputs) {
    const at = block.array!.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    throw new RegnetError(
      `invalid input ${name}: got ${block.array![at]} at element ${at}, expected finite numbers (${result} is not finite)`,
      "invalid",
      name,
    );
  }
}
