import { invalid } from "../errors.js";
import { size } from "../graph/graph.js";
import { type Dtype, dtypeOf, dtypes, type StoredTensor } from "./tensor.js";

/** A tensor to write; without `dtype`, its elements are stored as they are. */
export interface TensorToStore extends Omit<StoredTensor, "dtype"> {
  /** `F16` and `BF16` round float32 elements. */
  readonly dtype?: Dtype;
}

const ALIGNMENT = 8;

/**
 * The bytes of a safetensors file. Tensors of larger elements come first, so that each is aligned; otherwise the
 * order is kept. The same tensors give the same bytes.
 *
 * @param metadata kept in the header as `__metadata__`
 * @throws RegnetError for elements that do not fit their shape or type
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorToStore>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts = Object.entries(tensors).map(([name, tensor]) => ({ name, ...encode(name, tensor) }));
  parts.sort((a, b) => dtypes[b.dtype].size - dtypes[a.dtype].size);
  const header = headerBytes(parts, metadata);
  const file = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes.length, header.length));
  file.set(header);
  let at = header.length;
  for (const { bytes } of parts) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

interface Encoded {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

function encode(name: string, { dtype, shape, data }: TensorToStore): Encoded {
  const type = dtype ?? dtypeOf(data);
  if (name === "__metadata__") throw invalid("tensor name", name, "any other name");
  if (dtypes[type].array !== data.constructor) {
    throw invalid(`elements of ${name}`, data.constructor.name, `${dtypes[type].array.name} for ${type}`);
  }
  if (data.length !== size(shape)) {
    throw invalid(`elements of ${name}`, data.length, `${size(shape)} for shape [${shape}]`);
  }
  return { dtype: type, shape, bytes: dtypes[type].encode(data) };
}

/** The header's length and the header, padded with spaces so that the data that follow are aligned. */
function headerBytes(
  parts: readonly (Encoded & { readonly name: string })[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  let at = 0;
  for (const { name, dtype, shape, bytes } of parts) {
    entries.push([name, { dtype, shape, data_offsets: [at, at + bytes.length] }]);
    at += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}
