import type { Shape } from "@regnet/core";
import { stridesInOrder } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { asOperand } from "./chooseWindow.js";
import type { Window } from "./convolutionSpecs.js";
import { tapsFirst } from "./onePlace.js";

type Place = readonly [row: number, column: number];

/** Pairs of an input's and an output's place up to which `smallMapGradient` computes little in vain. */
const MOST_PAIRS = 16;

/**
 * The gradient of a grouped convolution's weights on maps of a few places, 2×2 for instance, for which the library has
 * no kernel of its own: one matrix product a group gives the sum over images for every pair of an input's and an
 * output's place, and each element of the window sums the pairs that it joins.
 *
 * @returns [G, O, I, height, width], or undefined where maps are larger or groups do not fill channel blocks
 */
export function smallMapGradient(
  plan: Plan,
  window: Window,
  x: Tensor,
  dy: Tensor,
  origin: Origin,
): Tensor | undefined {
  const { dnn, type, layouts } = plan;
  const [groups, outputs, inputs, ...kernel] = window.weights;
  const [to, from] = [placesOf(window.y), placesOf(window.x)];
  const block = layouts.channelBlock;
  const fits = window.weights.length === 5 && outputs % block === 0 && inputs % block === 0;
  if (layouts.name !== "blocked" || !fits || to.length * from.length > MOST_PAIRS) return undefined;

  // A group's channels at all places of one image lie side by side: [blocks, places, channels of a block].
  const images = window.x[0];
  const [rows, columns] = [outputs * to.length, inputs * from.length];
  const left = dnn.strided([groups, rows, images], type, [rows, 1, groups * rows]);
  const right = dnn.strided([groups, images, columns], type, [columns, groups * columns, 1]);
  const product = dnn.strided([groups, rows, columns], "f32");
  const products = plan.describe({ kind: "matmul", source: left, weights: right, destination: product });
  if (!products) return undefined;
  const pairs = plan.allocate(product);
  plan.emit(
    origin,
    products,
    {
      source: asOperand(plan, dy, layouts.blocked(window.y, type), origin).view(left),
      weights: asOperand(plan, x, layouts.blocked(window.x, type), origin).view(right),
    },
    { destination: pairs },
  );

  // Pairs of places to the front, so that what an element of the window sums up is one column.
  const split = [groups, outputs / block, to.length, block, inputs / block, from.length, block];
  const order = [2, 5, 0, 1, 3, 4, 6];
  const byPair = plan.as(
    pairs.view(dnn.strided(split, "f32")),
    dnn.strided(split, "f32", stridesInOrder(split, order)),
    origin,
  );
  const taps = kernel[0] * kernel[1];
  const [pairCount, each] = [to.length * from.length, groups * outputs * inputs];
  const joined = plan.constant(joins(window, to, from, kernel), [taps, pairCount]);
  const result = dnn.strided([taps, each], "f32");
  const sums = plan.require(
    { kind: "matmul", source: joined.layout, weights: dnn.strided([pairCount, each], "f32"), destination: result },
    origin,
  );
  const dw = plan.allocate(result);
  plan.emit(
    origin,
    sums,
    { source: joined, weights: byPair.view(dnn.strided([pairCount, each], "f32")) },
    { destination: dw },
  );
  return dw.view(tapsFirst(plan, window.weights));
}

function placesOf([, , height, width]: Shape): Place[] {
  return Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width]);
}

/** [elements of the window, pairs of places]: 1 where the element joins the two. */
function joins({ strides, padding }: Window, to: readonly Place[], from: readonly Place[], [height, width]: Shape) {
  const result = new Float32Array(height * width * to.length * from.length);
  to.forEach(([row, column], p) => {
    from.forEach(([sourceRow, sourceColumn], q) => {
      const [y, x] = [sourceRow - row * strides[0] + padding[0], sourceColumn - column * strides[1] + padding[1]];
      if (y < 0 || y >= height || x < 0 || x >= width) return;
      result[((y * width + x) * to.length + p) * from.length + q] = 1;
    });
  });
  return result;
}
