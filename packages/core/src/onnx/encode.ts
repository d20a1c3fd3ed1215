import { create, toBinary } from "@bufbuild/protobuf";
import { RegnetError } from "../errors.js";
import type { Shape } from "../graph/graph.js";
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from "./onnx.gen.js";

const DATA_TYPES = {
  float32: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
} as const;

/** A tensor to be stored in the file: its elements as little-endian bytes. */
export interface Initializer {
  readonly name: string;
  readonly shape: Shape;
  readonly type: keyof typeof DATA_TYPES;
  readonly bytes: Uint8Array;
}

/** Tags of length-delimited fields: (field number << 3) | 2. */
const MODEL_GRAPH = 0x3a;
const GRAPH_INITIALIZER = 0x2a;
const TENSOR_RAW_DATA = 0x4a;

/** Protocol buffers end at 2 GiB. */
const LARGEST_MESSAGE = 2 ** 31 - 1;

/**
 * The bytes of a model whose graph holds the given initializers as well. They are copied once, straight to their
 * place in the file.
 *
 * @throws RegnetError if the file would pass the 2 GiB that a protocol buffer may have
 */
export function encodeModel(model: ModelProto, graph: GraphProto, initializers: readonly Initializer[]): Uint8Array {
  const head = toBinary(ModelProtoSchema, model);
  const rest = toBinary(GraphProtoSchema, graph);
  const tensors = initializers.map((tensor) => ({ prefix: tensorPrefix(tensor), bytes: tensor.bytes }));
  const graphLength = tensors.reduce((sum, { prefix, bytes }) => sum + prefix.length + bytes.length, rest.length);
  const graphPrefix = [MODEL_GRAPH, ...varint(graphLength)];
  const total = head.length + graphPrefix.length + graphLength;
  if (total > LARGEST_MESSAGE) {
    throw new RegnetError(
      `unsupported ONNX file of ${total} bytes: the format ends at 2 GiB; export as safetensors instead`,
      "unsupported",
    );
  }
  const file = new Uint8Array(total);
  let at = 0;
  const put = (bytes: ArrayLike<number>) => {
    file.set(bytes, at);
    at += bytes.length;
  };
  for (const part of [head, graphPrefix, rest]) put(part);
  for (const { prefix, bytes } of tensors) {
    put(prefix);
    put(bytes);
  }
  return file;
}

/** Everything of a graph's `initializer` field but the elements themselves. */
function tensorPrefix({ name, shape, type, bytes }: Initializer): number[] {
  const dataType = DATA_TYPES[type];
  const header = toBinary(TensorProtoSchema, create(TensorProtoSchema, { name, dataType, dims: shape.map(BigInt) }));
  const raw = [TENSOR_RAW_DATA, ...varint(bytes.length)];
  return [GRAPH_INITIALIZER, ...varint(header.length + raw.length + bytes.length), ...header, ...raw];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** A float32 tensor as it lies in memory. */
export function floatInitializer(name: string, shape: Shape, values: Float32Array): Initializer {
  return { name, shape, type: "float32", bytes: bytesOf(values) };
}

/** An int64 tensor. */
export function int64Initializer(name: string, shape: Shape, values: readonly number[]): Initializer {
  return { name, shape, type: "int64", bytes: bytesOf(BigInt64Array.from(values, BigInt)) };
}

/** An int8, uint8 or int32 tensor, by the kind of array. */
export function integerInitializer(
  name: string,
  shape: Shape,
  values: Int8Array | Uint8Array | Int32Array,
): Initializer {
  const type = values instanceof Int32Array ? "int32" : values instanceof Int8Array ? "int8" : "uint8";
  return { name, shape, type, bytes: bytesOf(values) };
}

function bytesOf(values: Float32Array | BigInt64Array | Int8Array | Uint8Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
