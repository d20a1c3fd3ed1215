import { dtypes, type StoredTensor } from "../tensor.js";
import { Cursor } from "./cursor.js";
import { corrupt, quote, unsupported } from "./errors.js";
import { findStateDict, TensorMaker } from "./stateDict.js";
import { unpickle } from "./unpickle.js";
import { Dictionary, type Storage, type TensorWindow } from "./values.js";
import { isZip, readZip } from "./zip.js";

/** The number that a file of PyTorch before 1.6 starts with. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;

/**
 * Reads the state dict of a file of `torch.save` (.pth, .pt, .pyth, .bin): the zip archives of PyTorch ≥ 1.6 and the
 * older form. Pickles are programs for Python; here none is ever run: the few opcodes and names that a state dict
 * needs are understood as data, all others are refused by name. Elements are views of `file` where possible.
 *
 * @throws RegnetError (`corrupt`, `unsupported`)
 */
export function readTorch(file: Uint8Array): Record<string, StoredTensor> {
  if (isZip(file)) return readArchive(file);
  const cursor = new Cursor(file);
  if (file[0] !== 0x80) throw corrupt("it is neither an archive nor a pickle of torch.save");
  if (unpickle(cursor).value !== LEGACY_MAGIC) throw corrupt("it does not start with PyTorch's number");
  return readLegacy(file, cursor);
}

function readArchive(file: Uint8Array): Record<string, StoredTensor> {
  const entries = readZip(file);
  const pickle = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickle) throw corrupt("its archive has no data.pkl");
  const folder = pickle.slice(0, -"data.pkl".length);
  const order = entries.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order.subarray(0, 10)).trim() === "big")
    throw unsupported("big-endian numbers");
  const windows = findStateDict(unpickle(new Cursor(entries.get(pickle)!)).value);
  return makeTensors(windows, file.length, ({ key }) => {
    const bytes = entries.get(`${folder}data/${key}`);
    if (!bytes) throw corrupt(`its archive has no storage ${quote(key)}`);
    return bytes;
  });
}

/** Four pickles (number, protocol, system, state dict), one with the storages' keys, then the storages. */
function readLegacy(file: Uint8Array, cursor: Cursor): Record<string, StoredTensor> {
  if (unpickle(cursor).value !== LEGACY_PROTOCOL) throw unsupported("a protocol other than 1001");
  const system = unpickle(cursor).value;
  if (system instanceof Dictionary && system.get("little_endian") === false) throw unsupported("big-endian numbers");
  const { value, storages } = unpickle(cursor);
  const windows = findStateDict(value);
  const blocks = readStorages(cursor, storages);
  return makeTensors(windows, file.length, ({ key }) => {
    const bytes = blocks.get(key);
    if (!bytes) throw corrupt(`it has no storage ${quote(key)}`);
    return bytes;
  });
}

/** The storages of an older file: a pickle with their keys, then the size and the elements of each. */
function readStorages(cursor: Cursor, storages: ReadonlyMap<string, Storage>): Map<string, Uint8Array> {
  const keys = unpickle(cursor).value;
  if (!Array.isArray(keys)) throw corrupt("it has no list of storages");
  const blocks = new Map<string, Uint8Array>();
  for (const key of keys) {
    const storage = storages.get(key);
    if (!storage) throw corrupt("it has a storage that nothing mentions");
    blocks.set(key, cursor.take(cursor.uint64() * dtypes[storage.dtype].size));
  }
  return blocks;
}

function makeTensors(
  windows: ReadonlyMap<string, TensorWindow>,
  limit: number,
  storages: (storage: Storage) => Uint8Array,
): Record<string, StoredTensor> {
  const maker = new TensorMaker(storages, limit);
  const tensors: Record<string, StoredTensor> = Object.create(null);
  for (const [name, window] of windows) tensors[name] = maker.tensor(name, window);
  return tensors;
}
