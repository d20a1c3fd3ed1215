import { fromBinary } from "@bufbuild/protobuf";
import { RegnetError } from "../errors.js";
import { size } from "../graph/graph.js";
import type { Tensors } from "../graph/initialise.js";
import { TensorProto_DataType, TensorProtoSchema } from "./onnx.gen.js";
import { eachMessage } from "./readOnnx.js";

const GRAPH = 7;
const INITIALIZER = 5;

/**
 * The float32 parameters that an ONNX file stores, by name. Parameters of other types are left out.
 *
 * @throws RegnetError (`corrupt`) for bytes that are no ONNX model, or a parameter whose size is not its shape's
 */
export function readOnnxWeights(file: Uint8Array): Tensors {
  const weights: Record<string, Float32Array> = Object.create(null);
  try {
    eachMessage(file, (field, graph) => {
      if (field === GRAPH) {
        eachMessage(graph, (inner, bytes) => {
          if (inner === INITIALIZER) addTensor(weights, bytes);
        });
      }
    });
  } catch (error) {
    if (error instanceof RegnetError) throw error;
    throw new RegnetError(`corrupt ONNX file: ${error instanceof Error ? error.message : String(error)}`, "corrupt");
  }
  return weights;
}

function addTensor(weights: Record<string, Float32Array>, bytes: Uint8Array): void {
  const { name, dims, dataType, rawData, floatData } = fromBinary(TensorProtoSchema, bytes);
  if (dataType !== TensorProto_DataType.FLOAT) return;
  const count = size(dims.map(Number));
  const values = rawData.length > 0 ? new Float32Array(new Uint8Array(rawData).buffer) : Float32Array.from(floatData);
  if (values.length !== count) {
    throw new RegnetError(
      `corrupt ONNX file: ${name.slice(0, 100)} has ${values.length} values for [${dims}]`,
      "corrupt",
    );
  }
  weights[name] = values;
}
