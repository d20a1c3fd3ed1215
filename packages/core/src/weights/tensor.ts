import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./halfFloat.js";

/** Element types of stored tensors, by their names in safetensors files. */
export type Dtype = keyof typeof dtypes;

/** Elements in memory; both 16-bit floats are held as float32. */
export type TensorData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** A tensor of a weights file, row-major. */
export interface StoredTensor {
  /** Element type in the file. */
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

interface DtypeRule {
  /** Bytes an element. */
  readonly size: number;
  /** The kind of array that holds the elements in memory. */
  readonly array: { readonly name: string };
  /** Elements from little-endian bytes that start at a multiple of `size`; a view of them where nothing is converted. */
  decode(bytes: Uint8Array): TensorData;
  encode(data: TensorData): Uint8Array;
}

/** Every element type that is read and written. Little-endian in files and on every platform that runs JavaScript engines today. */
export const dtypes = {
  F64: plain(Float64Array),
  I64: plain(BigInt64Array),
  U64: plain(BigUint64Array),
  F32: plain(Float32Array),
  I32: plain(Int32Array),
  U32: plain(Uint32Array),
  F16: half(fromFloat16, toFloat16),
  BF16: half(fromBfloat16, toBfloat16),
  I16: plain(Int16Array),
  U16: plain(Uint16Array),
  I8: plain(Int8Array),
  U8: plain(Uint8Array),
  BOOL: plain(Uint8Array),
} as const satisfies Record<string, DtypeRule>;

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(dtypes, name);
}

/** The element type that stores `data` as it is. */
export function dtypeOf(data: TensorData): Dtype {
  const [name] = Object.entries(dtypes).find(([, { array }]) => array === data.constructor) ?? [];
  return name as Dtype;
}

/** Elements as float32, whatever their type; the same array when they are float32 already. */
export function toFloat32({ data }: Pick<StoredTensor, "data">): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data);
}

interface TypedArrayConstructor {
  new (buffer: ArrayBufferLike, offset: number, length: number): TensorData;
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
}

function plain(array: TypedArrayConstructor): DtypeRule {
  const size = array.BYTES_PER_ELEMENT;
  return {
    size,
    array,
    decode: (bytes) => view(array, bytes),
    encode: (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function half(from: (bits: Uint16Array) => Float32Array, to: (values: Float32Array) => Uint16Array): DtypeRule {
  return {
    size: 2,
    array: Float32Array,
    decode: (bytes) => from(view(Uint16Array, bytes) as Uint16Array),
    encode: (data) => new Uint8Array(to(data as Float32Array).buffer),
  };
}

function view(array: TypedArrayConstructor, bytes: Uint8Array): TensorData {
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new array(aligned.buffer, aligned.byteOffset, aligned.byteLength / array.BYTES_PER_ELEMENT);
}
