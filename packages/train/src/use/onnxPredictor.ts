import { createRequire } from "node:module";
import { RegnetError } from "@regnet/core";
import type { NetworkCard } from "./card.js";
import type { Predictor } from "./predictor.js";

const require = createRequire(import.meta.url);

/** An ONNX file in ONNX Runtime, with one input and the output `logits`. @throws RegnetError when it cannot be loaded */
export async function onnxPredictor(
  file: Uint8Array,
  { channels, resolution, classes }: NetworkCard,
  batch: number,
  threads: number | undefined,
): Promise<Predictor> {
  const { InferenceSession, Tensor } = loadRuntime();
  const session = await InferenceSession.create(file, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads ?? 0,
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw new RegnetError(
      `corrupt ONNX file: ${error instanceof Error ? error.message.split("\n")[0] : error}`,
      "corrupt",
    );
  });
  const shape = [batch, channels, resolution, resolution];
  const [input] = session.inputNames;
  const own = new Float32Array(shape.reduce((a, b) => a * b));
  return {
    batch,
    async predict(images) {
      own.set(images);
      const { logits } = await session.run({ [input]: new Tensor("float32", own, shape) });
      if (logits?.data.length !== batch * classes.length) {
        throw new RegnetError(`invalid ONNX network: it has no output logits [${batch},${classes.length}]`);
      }
      return logits.data as Float32Array;
    },
    dispose: () => void session.release(),
  };
}

function loadRuntime(): typeof import("onnxruntime-node") {
  try {
    return require("onnxruntime-node") as typeof import("onnxruntime-node");
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new RegnetError(`missing onnxruntime-node (${reason}); run: npm install onnxruntime-node`, "missing");
  }
}
