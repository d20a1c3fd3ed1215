import { op, type Shape } from "@regnet/core";
import { CaseBuilder, type OpCase } from "../opCase.js";

const IMAGES: readonly Shape[] = [
  [2, 13, 5, 3],
  [1, 32, 4, 4],
];

/** Sums, products, scales, reshapes, reductions and moving averages. */
export function elementwiseCases(): OpCase[] {
  return [...IMAGES.flatMap(imageCases), ...reductions(), ...movingAverages(), doubled()];
}

function imageCases(shape: Shape): OpCase[] {
  const [n, channels, height, width] = shape;
  const sum = start("add", shape);
  const product = start("multiply, one shape,", shape);
  const gate = start("multiply by a gate", shape);
  const mask = start("multiply by a mask", shape);
  const scale = start("channelScale", shape);
  const path = start("dropPath", shape);
  const flat = start("reshape", shape);
  return [
    sum.b.outputs(sum.b.one(op.add, [sum.x, sum.b.input("y", shape)], {})).build(),
    product.b.outputs(product.b.one(op.multiply, [product.x, product.b.input("y", shape)], {})).build(),
    gate.b.outputs(gate.b.one(op.multiply, [gate.x, gate.b.input("y", [n, channels, 1, 1])], {})).build(),
    mask.b.outputs(mask.b.one(op.multiply, [mask.x, mask.b.input("y", [n, 1, 1, 1])], {})).build(),
    scale.b.outputs(scale.b.one(op.channelScale, [scale.x, scale.b.weight("scale", [channels])], {})).build(),
    path.b.outputs(path.b.one(op.dropPath, [path.x], { rate: 0.3 })).build(),
    flat.b.outputs(flat.b.one(op.reshape, [flat.x], { shape: [channels * height * width] })).build(),
  ];
}

function reductions(): OpCase[] {
  const cases: [Shape, number[], boolean][] = [
    [[3, 13, 5, 4], [0, 2, 3], false],
    [[3, 13, 5, 4], [2, 3], true],
    [[3, 13, 5, 4], [1, 2, 3], true],
    [[5, 17], [0], false],
  ];
  return cases.map(([shape, axes, keepDims]) => {
    const { b, x } = start(`reduceSum over ${axes}`, shape);
    return b.outputs(b.one(op.reduceSum, [x], { axes, keepDims })).build();
  });
}

function movingAverages(): OpCase[] {
  const fixed = new CaseBuilder("movingAverage", 1);
  const average = (b: CaseBuilder) => [b.weight("old", [13], undefined, "statistic"), b.input("new", [13])];
  const given = new CaseBuilder("movingAverage with a given share", 1);
  const inputs = [...average(given), given.input("share", [1])];
  return [
    fixed.update("old", fixed.one(op.movingAverage, average(fixed), { share: 0.1, correction: 1.25 })).build(),
    given.update("old", given.one(op.movingAverage, inputs, { share: 0, correction: 1 })).build(),
  ];
}

/** One value under two output names, and an input handed through. */
function doubled(): OpCase {
  const { b, x } = start("add, its result given out twice, and the input,", [2, 8, 3, 3]);
  const y = b.one(op.add, [x, x], {});
  return b.outputs(y, y, x).build();
}

function start(name: string, shape: Shape) {
  const b = new CaseBuilder(`${name} [${shape}]`, shape[0]);
  return { b, x: b.input("x", shape) };
}
