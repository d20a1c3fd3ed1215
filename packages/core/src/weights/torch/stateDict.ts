import { size } from "../../graph/graph.js";
import { dtypes, type StoredTensor, type TensorData } from "../tensor.js";
import { corrupt, quote, unsupported } from "./errors.js";
import { Dictionary, type Storage, TensorWindow } from "./values.js";

/** Where trainers keep the weights, in order of preference. */
const CONTAINERS = [
  "state_dict",
  "model",
  "model_state",
  "model_state_dict",
  "net",
  "module",
  "ema_state",
  "model_ema",
];
const DEEPEST = 3;

/** The windows of the state dict in what a pickle held: the thing itself, or under one of the usual keys. */
export function findStateDict(root: unknown, depth = 0): Map<string, TensorWindow> {
  const entries = root instanceof Dictionary ? (root.entries ?? new Map()) : new Map();
  const windows = [...entries].filter((entry): entry is [string, TensorWindow] => isNamedWindow(entry));
  if (windows.length > 0) return new Map(windows);
  const inner = CONTAINERS.map((key) => entries.get(key)).find((value) => value instanceof Dictionary);
  if (inner && depth < DEEPEST) return findStateDict(inner, depth + 1);
  throw unsupported(
    `it holds no state dict${describe(entries)}; save one with torch.save(model.state_dict(), "weights.pth")`,
  );
}

function isNamedWindow([key, value]: [unknown, unknown]): boolean {
  return typeof key === "string" && value instanceof TensorWindow;
}

function describe(entries: Map<unknown, unknown>): string {
  const keys = [...entries.keys()].filter((key) => typeof key === "string").slice(0, 5);
  return keys.length > 0 ? ` (its keys: ${keys.map(quote).join(", ")})` : "";
}

/**
 * Makes tensors of windows. Contiguous ones are views; others are copied in row-major order. Copies are limited to
 * the bytes of the file, so that many windows on one storage cannot grow beyond it.
 */
export class TensorMaker {
  private copied = 0;

  constructor(
    private readonly storages: (storage: Storage) => Uint8Array,
    private readonly limit: number,
  ) {}

  tensor(name: string, window: TensorWindow): StoredTensor {
    const { storage, shape } = window;
    const { dtype } = storage;
    const bytes = this.storages(storage);
    const rule = dtypes[dtype];
    if (bytes.length !== storage.elements * rule.size) {
      throw corrupt(`storage ${quote(storage.key)} has ${bytes.length} bytes, not ${storage.elements} of ${dtype}`);
    }
    const reach = lastElement(window);
    if (reach > storage.elements) throw corrupt(`tensor ${quote(name)} reaches beyond its storage`);
    const contiguous = isContiguous(window);
    if (!contiguous || dtype === "F16" || dtype === "BF16") this.spend(name, size(shape) * rule.size);
    const data = contiguous ? rule.decode(slice(bytes, window.offset, size(shape), rule.size)) : gather(bytes, window);
    return { dtype, shape, data };
  }

  private spend(name: string, bytes: number): void {
    this.copied += bytes;
    if (this.copied > this.limit) throw corrupt(`tensor ${quote(name)} repeats elements beyond the size of the file`);
  }
}

function slice(bytes: Uint8Array, offset: number, count: number, width: number): Uint8Array {
  return bytes.subarray(offset * width, (offset + count) * width);
}

/** One beyond the last element that a window touches. */
function lastElement({ offset, shape, strides }: TensorWindow): number {
  if (shape.includes(0)) return offset;
  return shape.reduce((at, extent, i) => at + (extent - 1) * strides[i], offset) + 1;
}

function isContiguous({ shape, strides }: TensorWindow): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return shape.includes(0);
    expected *= shape[i];
  }
  return true;
}

function gather(bytes: Uint8Array, { storage, offset, shape, strides }: TensorWindow): TensorData {
  const { size: width, decode } = dtypes[storage.dtype];
  const result = new Uint8Array(size(shape) * width);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < result.length; i += width) {
    result.set(bytes.subarray(at * width, (at + 1) * width), i);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return decode(result);
}
