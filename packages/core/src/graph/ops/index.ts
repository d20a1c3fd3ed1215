import { unknown } from "../../errors.js";
import type { OpDefinition } from "../op.js";
import { adamw } from "./adamw.js";
import { add } from "./add.js";
import { averagePool } from "./averagePool.js";
import { averagePoolBackward } from "./averagePoolBackward.js";
import { batchNorm } from "./batchNorm.js";
import { batchNormBackward } from "./batchNormBackward.js";
import { batchNormTraining } from "./batchNormTraining.js";
import { channelScale } from "./channelScale.js";
import { conv2d } from "./conv2d.js";
import { conv2dBackwardData } from "./conv2dBackwardData.js";
import { conv2dBackwardWeights } from "./conv2dBackwardWeights.js";
import { dropPath } from "./dropPath.js";
import { gelu } from "./gelu.js";
import { geluBackward } from "./geluBackward.js";
import { globalAveragePool } from "./globalAveragePool.js";
import { globalAveragePoolBackward } from "./globalAveragePoolBackward.js";
import { gradientClip } from "./gradientClip.js";
import { layerNorm } from "./layerNorm.js";
import { layerNormBackward } from "./layerNormBackward.js";
import { layerNormTraining } from "./layerNormTraining.js";
import { linear } from "./linear.js";
import { linearBackwardData } from "./linearBackwardData.js";
import { linearBackwardWeights } from "./linearBackwardWeights.js";
import { maxPool } from "./maxPool.js";
import { maxPoolBackward } from "./maxPoolBackward.js";
import { movingAverage } from "./movingAverage.js";
import { multiply } from "./multiply.js";
import { reduceSum } from "./reduceSum.js";
import { relu } from "./relu.js";
import { reluBackward } from "./reluBackward.js";
import { reshape } from "./reshape.js";
import { sgd } from "./sgd.js";
import { sigmoid } from "./sigmoid.js";
import { sigmoidBackward } from "./sigmoidBackward.js";
import { silu } from "./silu.js";
import { siluBackward } from "./siluBackward.js";
import { softmaxCrossEntropy } from "./softmaxCrossEntropy.js";

const definitions = [
  adamw,
  add,
  averagePool,
  averagePoolBackward,
  batchNorm,
  batchNormBackward,
  batchNormTraining,
  channelScale,
  conv2d,
  conv2dBackwardData,
  conv2dBackwardWeights,
  dropPath,
  gelu,
  geluBackward,
  globalAveragePool,
  globalAveragePoolBackward,
  gradientClip,
  layerNorm,
  layerNormBackward,
  layerNormTraining,
  linear,
  linearBackwardData,
  linearBackwardWeights,
  maxPool,
  maxPoolBackward,
  movingAverage,
  multiply,
  reduceSum,
  relu,
  reluBackward,
  reshape,
  sgd,
  sigmoid,
  sigmoidBackward,
  silu,
  siluBackward,
  softmaxCrossEntropy,
];

/** Every op by its name. */
export const ops: ReadonlyMap<string, OpDefinition> = new Map(
  definitions.map((definition) => [definition.name, definition as unknown as OpDefinition]),
);

/** The definition of an op; throws for a name that is not one. */
export function opDefinition(name: string): OpDefinition {
  const definition = ops.get(name);
  if (!definition) throw unknown("op", name, [...ops.keys()]);
  return definition;
}

export {
  adamw,
  add,
  averagePool,
  averagePoolBackward,
  batchNorm,
  batchNormBackward,
  batchNormTraining,
  channelScale,
  conv2d,
  conv2dBackwardData,
  conv2dBackwardWeights,
  dropPath,
  gelu,
  geluBackward,
  globalAveragePool,
  globalAveragePoolBackward,
  gradientClip,
  layerNorm,
  layerNormBackward,
  layerNormTraining,
  linear,
  linearBackwardData,
  linearBackwardWeights,
  maxPool,
  maxPoolBackward,
  movingAverage,
  multiply,
  reduceSum,
  relu,
  reluBackward,
  reshape,
  sgd,
  sigmoid,
  sigmoidBackward,
  silu,
  siluBackward,
  softmaxCrossEntropy,
};
