const LENGTHS = [0n, 1n, 0x7fn, 0xffn, 0xffffn, 0x7fffffffn, 0xffffffffn, 1n << 53n, 1n << 60n, (1n << 64n) - 1n];

/** One of the mutations that suit any format, at a random place. */
export const anywhere = [
  (bytes, draw) => set(bytes, draw, 1, () => draw.below(256)),
  (bytes, draw) => set(bytes, draw, 1, (old) => old ^ (1 << draw.below(8))),
  (bytes, draw) => set(bytes, draw, 1 + draw.below(16), () => draw.pick([0, 0xff, 0x7f, 0x80])),
  (bytes, draw) => bytes.slice(0, draw.below(bytes.length + 1)),
  (bytes, draw) => remove(bytes, draw.below(bytes.length), 1 + draw.below(32)),
  (bytes, draw) => insert(bytes, draw.below(bytes.length + 1), noise(draw, 1 + draw.below(32))),
  (bytes, draw) => insert(bytes, draw.below(bytes.length + 1), piece(bytes, draw)),
  (bytes, draw) => writeInteger(bytes, draw),
];

/** Puts words of a format's own language at a random place, over what is there or between it. */
export function words(vocabulary) {
  return (bytes, draw) => {
    const word = Uint8Array.from(Buffer.from(draw.pick(vocabulary), "latin1"));
    const at = draw.below(bytes.length + 1);
    if (draw.below(2)) return insert(bytes, at, word);
    const copy = bytes.slice();
    copy.set(word.subarray(0, copy.length - at), at);
    return copy;
  };
}

/** A safetensors header with other numbers, types and names, its length set right again. */
export function header(bytes, draw) {
  if (bytes.length < 16) return bytes;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) return bytes;
  const text = Buffer.from(bytes.subarray(8, 8 + length)).toString("latin1");
  const tokens = [...text.matchAll(/-?\d+|"[^"]*"|[[\]{},:]/g)];
  if (tokens.length === 0) return bytes;
  const token = draw.pick(tokens);
  const other = draw.pick([
    "0",
    "-1",
    "1e308",
    "9007199254740993",
    "1152921504606846976",
    '"F64"',
    '"I8"',
    "[",
    "]",
    "{",
    "}",
    "null",
    '"__proto__"',
    "",
  ]);
  const changed = Buffer.from(text.slice(0, token.index) + other + text.slice(token.index + token[0].length), "latin1");
  const file = new Uint8Array(8 + changed.length + bytes.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(changed.length), true);
  file.set(changed, 8);
  file.set(bytes.subarray(8 + length), 8 + changed.length);
  return file;
}

function set(bytes, draw, count, value) {
  const copy = bytes.slice();
  const start = draw.below(copy.length);
  for (let i = start; i < Math.min(copy.length, start + count); i++) copy[i] = value(copy[i]);
  return copy;
}

function remove(bytes, at, count) {
  return concatenate(bytes.subarray(0, at), bytes.subarray(at + count));
}

function insert(bytes, at, inserted) {
  return concatenate(bytes.subarray(0, at), inserted, bytes.subarray(at));
}

function piece(bytes, draw) {
  const start = draw.below(bytes.length);
  return bytes.subarray(start, start + 1 + draw.below(200));
}

function noise(draw, count) {
  return Uint8Array.from({ length: count }, () => draw.below(256));
}

function writeInteger(bytes, draw) {
  const width = draw.pick([2, 4, 8]);
  if (bytes.length < width) return bytes;
  const copy = bytes.slice();
  const value = draw.pick(LENGTHS) - BigInt(draw.below(3));
  const view = new DataView(copy.buffer);
  const at = draw.below(copy.length - width + 1);
  const little = draw.below(2) === 1;
  if (width === 8) view.setBigUint64(at, BigInt.asUintN(64, value), little);
  else if (width === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), little);
  else view.setUint16(at, Number(BigInt.asUintN(16, value)), little);
  return copy;
}

function concatenate(...parts) {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
