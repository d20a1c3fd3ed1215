import { op, type Shape } from "@regnet/core";
import { CaseBuilder, type OpCase } from "../opCase.js";

const WINDOWS: readonly { shape: Shape; kernel: number; stride: number; padding: number }[] = [
  { shape: [2, 13, 9, 8], kernel: 3, stride: 2, padding: 1 },
  { shape: [1, 16, 6, 6], kernel: 2, stride: 2, padding: 0 },
  { shape: [2, 5, 7, 7], kernel: 3, stride: 1, padding: 1 },
];
const IMAGES: readonly Shape[] = [
  [3, 13, 5, 4],
  [1, 32, 7, 7],
];

/** Poolings and their gradients. */
export function poolingCases(): OpCase[] {
  return [...WINDOWS.flatMap(windowed), ...IMAGES.flatMap(global)];
}

function windowed({ shape, ...window }: (typeof WINDOWS)[number]): OpCase[] {
  const pairs = [
    { forward: op.maxPool, backward: op.maxPoolBackward },
    { forward: op.averagePool, backward: op.averagePoolBackward },
  ];
  return pairs.flatMap(({ forward, backward }) => {
    const what = `${window.kernel}×${window.kernel}, stride ${window.stride} [${shape}]`;
    const f = new CaseBuilder(`${forward.name} ${what}`, shape[0]);
    const b = new CaseBuilder(`${backward.name} ${what}`, shape[0]);
    const [output] = forward.shapes([shape], window);
    return [
      f.outputs(f.one(forward, [f.input("x", shape)], window)).build(),
      b.outputs(b.one(backward, [b.input("dy", output), b.input("x", shape)], window)).build(),
    ];
  });
}

function global(shape: Shape): OpCase[] {
  const [n, channels, height, width] = shape;
  const f = new CaseBuilder(`globalAveragePool [${shape}]`, n);
  const b = new CaseBuilder(`globalAveragePoolBackward [${shape}]`, n);
  const dy = b.input("dy", [n, channels, 1, 1]);
  return [
    f.outputs(f.one(op.globalAveragePool, [f.input("x", shape)], {})).build(),
    b.outputs(b.one(op.globalAveragePoolBackward, [dy], { size: [height, width] })).build(),
  ];
}
