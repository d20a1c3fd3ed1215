import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { RegnetError } from "../errors.js";
import {
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx.gen.js";

/** An input or output of an ONNX file. */
export interface OnnxTensor {
  readonly name: string;
  /** Extents; a string is a symbolic dimension, such as `batch`. Undefined where the file does not say. */
  readonly shape?: readonly (number | string)[];
}

/** What an ONNX file says of itself; its nodes and weights are left alone. */
export interface OnnxSummary {
  readonly producer: string;
  /** Version of the default operator set. */
  readonly opset: number;
  /** Inputs that a caller must supply; stored parameters are not among them. */
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** More entries than any network has; a file with more is not read to its end. */
const ENTRY_LIMIT = 100_000;

/**
 * Reads metadata, inputs and outputs of an ONNX file. Time is linear in its size; weights are not copied.
 *
 * @throws RegnetError (`corrupt`) for bytes that are no ONNX model
 */
export function readOnnx(file: Uint8Array): OnnxSummary {
  try {
    return readModel(file);
  } catch (error) {
    if (error instanceof RegnetError) throw error;
    throw corrupt(error instanceof Error ? error.message : String(error));
  }
}

function readModel(file: Uint8Array): OnnxSummary {
  let producer = "";
  let opset = 0;
  let graph: Uint8Array | undefined;
  const metadata: [string, string][] = [];
  eachMessage(file, (field, bytes) => {
    if (field === 2) producer = new TextDecoder().decode(bytes.subarray(0, 200));
    if (field === 7) graph = bytes;
    if (field === 8) {
      const { domain, version } = fromBinary(OperatorSetIdProtoSchema, bytes);
      if (domain === "" || domain === "ai.onnx") opset = Number(version);
    }
    if (field === 14) {
      const { key, value } = fromBinary(StringStringEntryProtoSchema, bytes);
      metadata.push([key, value]);
    }
  });
  if (!graph) throw corrupt("it has no graph");
  return { producer, opset, ...readGraph(graph), metadata: Object.fromEntries(metadata) };
}

function readGraph(graph: Uint8Array): Pick<OnnxSummary, "inputs" | "outputs"> {
  const stored = new Set<string>();
  const inputs: OnnxTensor[] = [];
  const outputs: OnnxTensor[] = [];
  eachMessage(graph, (field, bytes) => {
    if (field === 5) stored.add(tensorName(bytes));
    if (field === 11) inputs.push(summarise(fromBinary(ValueInfoProtoSchema, bytes)));
    if (field === 12) outputs.push(summarise(fromBinary(ValueInfoProtoSchema, bytes)));
  });
  return { inputs: inputs.filter(({ name }) => !stored.has(name)), outputs };
}

function tensorName(tensor: Uint8Array): string {
  let name = "";
  eachMessage(tensor, (field, bytes) => {
    if (field === 8) name = new TextDecoder().decode(bytes);
  });
  return name;
}

function summarise({ name, type }: ValueInfoProto): OnnxTensor {
  const shape = type?.value.case === "tensorType" ? type.value.value.shape : undefined;
  return {
    name,
    shape: shape?.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : (value.value ?? "?"))),
  };
}

/** Calls `visit` with every length-delimited field of a message; other fields are skipped. */
export function eachMessage(message: Uint8Array, visit: (field: number, bytes: Uint8Array) => void): void {
  const reader = new BinaryReader(message);
  for (let count = 0; reader.pos < reader.len; count++) {
    if (count > ENTRY_LIMIT) throw corrupt(`it has more than ${ENTRY_LIMIT} entries`);
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) visit(field, reader.bytes());
    else reader.skip(type, field);
  }
}

function corrupt(detail: string): RegnetError {
  return new RegnetError(`corrupt ONNX file: ${detail}`, "corrupt");
}
