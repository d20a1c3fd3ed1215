import type { Dtype } from "../tensor.js";
import { corrupt, quote, unsupported } from "./errors.js";
import { Dictionary, Global, Opaque, Storage, TensorWindow } from "./values.js";

/** Element types by PyTorch's storage classes. */
const storageTypes: Readonly<Record<string, Dtype>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

type Call = (args: readonly unknown[]) => unknown;

/**
 * What a call of each allowed name gives. Each is a plain description built here; nothing of Python is run, and a
 * name that is not in this table is refused before anything happens.
 */
const calls: Readonly<Record<string, Call>> = {
  "collections.OrderedDict": ordered,
  "collections.defaultdict": () => new Dictionary(),
  "torch._utils._rebuild_tensor": ([storage, offset, shape, strides]) => window(storage, offset, shape, strides),
  "torch._utils._rebuild_tensor_v2": ([storage, offset, shape, strides]) => window(storage, offset, shape, strides),
  "torch._utils._rebuild_parameter": ([data]) => data,
  "torch.nn.parameter.Parameter": ([data]) => data,
  "torch.Size": ([extents]) => extents,
  "torch.device": opaque("torch.device"),
  "argparse.Namespace": opaque("argparse.Namespace"),
  "builtins.set": opaque("set"),
  "__builtin__.set": opaque("set"),
  "numpy.core.multiarray.scalar": opaque("numpy scalar"),
  "numpy._core.multiarray.scalar": opaque("numpy scalar"),
  "numpy.dtype": opaque("numpy.dtype"),
  "_codecs.encode": opaque("bytes"),
};

const known = new Set([...Object.keys(storageTypes), ...Object.keys(calls)]);

/** @throws RegnetError naming what is refused */
export function allowedGlobal(module: string, name: string): Global {
  const full = `${module}.${name}`;
  if (known.has(full)) return new Global(full);
  throw unsupported(
    `it wants to use ${quote(full)}, which is not on the list of harmless names and was not run; ` +
      "a file written by torch.save(model.state_dict(), …) needs nothing of the kind",
  );
}

/** What calling `target` with these arguments gives. */
export function callGlobal(target: unknown, args: unknown): unknown {
  if (!(target instanceof Global) || !Object.hasOwn(calls, target.name)) throw corrupt("it calls what is no function");
  if (!Array.isArray(args)) throw corrupt(`${target.name} is called without a tuple of arguments`);
  return calls[target.name](args);
}

/** The storage that a persistent id describes: ("storage", type, key, device, elements, …). */
export function storageOf(id: unknown): Storage {
  if (!Array.isArray(id) || id[0] !== "storage") throw corrupt("a persistent id that is no storage");
  const [, type, key, , elements, view] = id as unknown[];
  const dtype = type instanceof Global ? storageTypes[type.name] : undefined;
  if (!dtype) throw corrupt("a storage of no known type");
  if (typeof key !== "string" || !isNatural(elements)) throw corrupt("a storage without key or size");
  if (view !== undefined && view !== null) throw unsupported("storages that are views of others");
  return new Storage(key, dtype, elements);
}

function window(storage: unknown, offset: unknown, shape: unknown, strides: unknown): TensorWindow {
  if (!(storage instanceof Storage)) throw corrupt("a tensor without storage");
  if (!isNatural(offset) || !isNaturals(shape) || !isNaturals(strides)) throw corrupt("a tensor without valid shape");
  if (shape.length !== strides.length) throw corrupt("a tensor with more extents than strides, or fewer");
  return new TensorWindow(storage, offset, shape, strides);
}

/** Python 2 gives the items as an argument, Python 3 sets them afterwards. */
function ordered([items]: readonly unknown[]): Dictionary {
  const dictionary = new Dictionary();
  if (items === undefined) return dictionary;
  if (!Array.isArray(items)) throw corrupt("a dictionary made of what is no list");
  for (const item of items) {
    if (!Array.isArray(item) || item.length !== 2) throw corrupt("a dictionary made of what are no pairs");
    dictionary.set(item[0], item[1]);
  }
  return dictionary;
}

function opaque(type: string): Call {
  return () => new Opaque(type);
}

function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 16 && value.every(isNatural);
}
