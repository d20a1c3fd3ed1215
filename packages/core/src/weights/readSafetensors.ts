import { RegnetError } from "../errors.js";
import { type Dtype, dtypes, isDtype, type StoredTensor } from "./tensor.js";

/** What a safetensors file holds. The objects have no prototype, so that any tensor name is safe. */
export interface Safetensors {
  /** By name, in the order of the file's header. */
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** The `__metadata__` of the header; empty if there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

const PREFIX_BYTES = 8;
/** Far beyond the header of any network, and small enough to parse. */
const HEADER_LIMIT = 16 * 2 ** 20;
const ENTRY_LIMIT = 100_000;
const DIMENSION_LIMIT = 16;
const METADATA = "__metadata__";

/**
 * Reads a safetensors file. Everything in it is checked first: nothing is allocated that the file does not hold.
 * Elements are views of `file` where its alignment and type allow, so do not change it afterwards.
 *
 * @throws RegnetError (`corrupt`) for a file that is not whole and consistent, (`unsupported`) for a type not known here
 */
export function readSafetensors(file: Uint8Array): Safetensors {
  const { header, dataStart } = readHeader(file);
  const body = file.subarray(dataStart);
  const { [METADATA]: metadata, ...entries } = header;
  const layouts = Object.entries(entries).map(([name, entry]) => checkEntry(name, entry));
  checkCoverage(layouts, body.length);
  const tensors: Record<string, StoredTensor> = Object.create(null);
  for (const { name, dtype, shape, begin, end } of layouts) {
    tensors[name] = { dtype, shape, data: dtypes[dtype].decode(body.subarray(begin, end)) };
  }
  return { tensors, metadata: checkMetadata(metadata) };
}

function readHeader(file: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (file.length < PREFIX_BYTES) throw corrupt(`it has ${file.length} bytes, too few for the length of its header`);
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true);
  const available = file.length - PREFIX_BYTES;
  if (length > BigInt(available)) {
    throw corrupt(`its header is said to have ${length} bytes, but ${available} follow; it may be truncated`);
  }
  if (length > BigInt(HEADER_LIMIT)) throw corrupt(`its header has ${length} bytes, more than ${HEADER_LIMIT}`);
  const dataStart = PREFIX_BYTES + Number(length);
  return { header: parseHeader(file.subarray(PREFIX_BYTES, dataStart)), dataStart };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw corrupt("its header is not JSON");
  }
  if (!isRecord(header)) throw corrupt("its header is not a JSON object");
  if (Object.keys(header).length > ENTRY_LIMIT) throw corrupt(`it names more than ${ENTRY_LIMIT} tensors`);
  return header;
}

interface Layout {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, entry: unknown): Layout {
  const where = `tensor ${quote(name)}`;
  if (!isRecord(entry)) throw corrupt(`${where} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string") throw corrupt(`${where} has no dtype`);
  if (!isDtype(dtype)) {
    const message = `unsupported dtype ${quote(dtype)} of ${where} (known: ${Object.keys(dtypes).join(", ")})`;
    throw new RegnetError(message, "unsupported", name);
  }
  if (!isNaturals(shape) || shape.length > DIMENSION_LIMIT) throw corrupt(`${where} has no valid shape`);
  if (!isNaturals(offsets) || offsets.length !== 2) throw corrupt(`${where} has no valid data_offsets`);
  const [begin, end] = offsets;
  const bytes = shape.reduce((product, extent) => product * extent, dtypes[dtype].size);
  if (end - begin !== bytes) {
    throw corrupt(`${where} has ${end - begin} bytes, but ${dtype} [${shape}] needs ${bytes}`);
  }
  return { name, dtype, shape, begin, end };
}

/** Tensors lie one after another, from the start of the data to its end, as the format demands. */
function checkCoverage(layouts: readonly Layout[], available: number): void {
  const sorted = [...layouts].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of sorted) {
    if (begin < at) throw corrupt(`tensor ${quote(name)} overlaps the one before it`);
    if (begin > at) throw corrupt(`${begin - at} bytes before tensor ${quote(name)} belong to none`);
    at = end;
  }
  if (at > available) throw corrupt(`its tensors need ${at} bytes, but ${available} follow; it may be truncated`);
  if (at < available) throw corrupt(`${available - at} bytes at its end belong to no tensor`);
}

function checkMetadata(metadata: unknown): Record<string, string> {
  const result: Record<string, string> = Object.create(null);
  if (metadata === undefined) return result;
  if (!isRecord(metadata)) throw corrupt("its metadata are not an object");
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") throw corrupt(`its metadata ${quote(key)} is not text`);
    result[key] = value;
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 97)}...` : text);
}

function corrupt(detail: string): RegnetError {
  return new RegnetError(`corrupt safetensors file: ${detail}`, "corrupt");
}
