import { op, type Shape, type Value } from "@regnet/core";
import { CaseBuilder, type OpCase, positive, signed } from "../opCase.js";

const IMAGES: readonly Shape[] = [
  [3, 13, 5, 4],
  [1, 32, 6, 6],
  [4, 24, 1, 1],
];

/** Batch and layer norms: at inference, in training, and their gradients. */
export function normalisationCases(): OpCase[] {
  return [
    ...IMAGES.flatMap(batchNorms),
    farFromZero(),
    ofSharedWeights(),
    ...[...IMAGES, [5, 20]].flatMap(layerNorms),
    ...IMAGES.map(gatedNorm),
  ];
}

function batchNorms(shape: Shape): OpCase[] {
  const channels = shape[1];
  const epsilon = 1e-5;
  const start = (name: string) => new CaseBuilder(`${name} [${shape}]`, shape[0]);
  const [inference, training, backward] = ["batchNorm", "batchNormTraining", "batchNormBackward"].map(start);
  const mean = (b: CaseBuilder) => b.weight("mean", [channels], undefined, "statistic");
  const variance = (b: CaseBuilder) => b.weight("variance", [channels], positive, "statistic");
  const { x, gamma, beta } = affine(backward, shape);
  const [, batchMean, batchVariance] = backward.apply(op.batchNormTraining, [x, gamma, beta], { epsilon });
  const dy = backward.input("dy", shape);
  const operands = Object.values(affine(inference, shape));
  return [
    inference
      .outputs(
        inference.one(op.batchNorm, [...operands, mean(inference), variance(inference)], { epsilon, momentum: 0.1 }),
      )
      .build(),
    training
      .outputs(...training.apply(op.batchNormTraining, Object.values(affine(training, shape)), { epsilon }))
      .build(),
    backward
      .outputs(...backward.apply(op.batchNormBackward, [dy, x, gamma, batchMean, batchVariance], { epsilon }))
      .build(),
  ];
}

/** Images whose mean is many times their deviation, where differences of sums lose digits. */
function farFromZero(): OpCase {
  const [shape, epsilon] = [[3, 16, 8, 8], 1e-5];
  const b = new CaseBuilder("batchNormBackward of images far from zero", shape[0]);
  const x = b.input("x", shape, (random) => 100 + signed(random));
  const [gamma, beta] = [b.weight("gamma", [16]), b.weight("beta", [16])];
  const [, mean, variance] = b.apply(op.batchNormTraining, [x, gamma, beta], { epsilon });
  const inputs = [b.input("dy", shape), x, gamma, mean, variance];
  return b.outputs(...b.apply(op.batchNormBackward, inputs, { epsilon })).build();
}

/** The statistics of the first norm are read after the second one has run. */
function ofSharedWeights(): OpCase {
  const [shape, epsilon] = [[3, 16, 5, 4], 1e-5];
  const b = new CaseBuilder("two batch norms of the same weights", shape[0]);
  const [gamma, beta, dy] = [b.weight("gamma", [16]), b.weight("beta", [16]), b.input("dy", shape)];
  const images = [b.input("x", shape), b.input("other", shape, (random) => 3 + signed(random))];
  const norms = images.map((x) => b.apply(op.batchNormTraining, [x, gamma, beta], { epsilon }));
  const gradients = norms.map(([y, mean, variance], i) => {
    const total = b.one(op.add, [dy, y], {});
    return b.apply(op.batchNormBackward, [total, images[i], gamma, mean, variance], { epsilon });
  });
  return b
    .outputs(...gradients.flat())
    .update("gamma", gradients[0][1])
    .build();
}

function layerNorms(shape: Shape): OpCase[] {
  const epsilon = 1e-6;
  const start = (name: string) => new CaseBuilder(`${name} [${shape}]`, shape[0]);
  const [inference, training, backward] = ["layerNorm", "layerNormTraining", "layerNormBackward"].map(start);
  const { x, gamma, beta } = affine(backward, shape);
  const [, mean, variance] = backward.apply(op.layerNormTraining, [x, gamma, beta], { epsilon });
  const dy = backward.input("dy", shape);
  return [
    inference.outputs(inference.one(op.layerNorm, Object.values(affine(inference, shape)), { epsilon })).build(),
    training
      .outputs(...training.apply(op.layerNormTraining, Object.values(affine(training, shape)), { epsilon }))
      .build(),
    backward.outputs(...backward.apply(op.layerNormBackward, [dy, x, gamma, mean, variance], { epsilon })).build(),
  ];
}

/** A layer norm may have brought the image that a gate multiplies into another layout. */
function gatedNorm(shape: Shape): OpCase {
  const [n, channels] = shape;
  const b = new CaseBuilder(`layerNorm [${shape}], multiplied by a gate`, n);
  const norm = b.one(op.layerNorm, Object.values(affine(b, shape)), { epsilon: 1e-6 });
  return b.outputs(b.one(op.multiply, [norm, b.input("gate", [n, channels, 1, 1])], {})).build();
}

function affine(b: CaseBuilder, shape: Shape): { x: Value; gamma: Value; beta: Value } {
  return {
    x: b.input("x", shape),
    gamma: b.weight("gamma", [shape[1]], positive),
    beta: b.weight("beta", [shape[1]]),
  };
}
