import { type OpDefinition, op, type Shape } from "@regnet/core";
import { CaseBuilder, type Fill, type OpCase } from "../opCase.js";

const NONE: Record<never, never> = {};
type Plain = OpDefinition<Record<never, never>>;

/** Each activation, its gradient, and what that gradient takes beside dy: the input x or the output y. */
const ACTIVATIONS: readonly { forward: Plain; backward: Plain; from: "x" | "y" }[] = [
  { forward: op.relu, backward: op.reluBackward, from: "y" },
  { forward: op.silu, backward: op.siluBackward, from: "x" },
  { forward: op.gelu, backward: op.geluBackward, from: "x" },
  { forward: op.sigmoid, backward: op.sigmoidBackward, from: "y" },
];

const SHAPES: readonly Shape[] = [
  [2, 13, 5, 3],
  [1, 32, 4, 4],
  [3, 7],
];

const wide: Fill = (random) => 12 * (((random.next() >>> 0) + 0.5) / 2 ** 32 - 0.5);

/** Activations and their gradients, over values from −6 to 6. */
export function activationCases(): OpCase[] {
  return ACTIVATIONS.flatMap(({ forward, backward, from }) =>
    SHAPES.flatMap((shape) => {
      const f = new CaseBuilder(`${forward.name} [${shape}]`, shape[0]);
      const b = new CaseBuilder(`${backward.name} [${shape}]`, shape[0]);
      const x = b.input("x", shape, wide);
      const reference = from === "x" ? x : b.one(forward, [x], NONE);
      return [
        f.outputs(f.one(forward, [f.input("x", shape, wide)], NONE)).build(),
        b.outputs(b.one(backward, [b.input("dy", shape), reference], NONE)).build(),
      ];
    }),
  );
}
