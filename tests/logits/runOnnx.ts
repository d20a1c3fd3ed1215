import { buildModel, type ModelSpec, type Tensors, toOnnx } from "@regnet/core";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** Logits [batch,classes] of a network, from its ONNX file in ONNX Runtime. */
export async function logitsByOnnx(
  model: string | ModelSpec,
  weights: Tensors,
  images: Float32Array,
  { batch, side, classes }: { batch: number; side: number; classes: number },
): Promise<Float32Array> {
  const graph = buildModel(model, { resolution: side, classes });
  const session = await InferenceSession.create(toOnnx(graph, { weights }), { logSeverityLevel: 3 });
  const { logits } = await session.run({ image: new Tensor("float32", images, [batch, 3, side, side]) });
  await session.release();
  return logits.data as Float32Array;
}

/** The largest difference, relative to the largest expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return difference / largest;
}
