import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegnetError } from "../errors.js";
import { readSafetensors } from "./readSafetensors.js";
import { type Dtype, dtypes, toFloat32 } from "./tensor.js";
import { writeSafetensors } from "./writeSafetensors.js";

function file(header: unknown, data: number | Uint8Array = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const body = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const entry = (begin: number, end: number, dtype = "F32", shape = [(end - begin) / 4]) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe("safetensors", () => {
  it("gives back every element type, shape, name and metadata", () => {
    const tensors = {
      bytes: { shape: [3], data: Uint8Array.of(1, 2, 3) },
      "s1.b1.conv.weight": { shape: [2, 1, 1, 1], data: Float32Array.of(1.5, -2) },
      scalar: { shape: [], data: BigInt64Array.of(-7n) },
      empty: { shape: [0, 4], data: new Float32Array() },
      double: { shape: [1], data: Float64Array.of(Math.PI) },
      __proto__x: { shape: [1], data: Int32Array.of(9) },
    };
    const read = readSafetensors(writeSafetensors(tensors, { epoch: "3", 名: "值" }));
    expect(read.metadata).toEqual({ epoch: "3", 名: "值" });
    expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      expect(read.tensors[name].shape).toEqual(shape);
      expect(read.tensors[name].data).toEqual(data);
    }
    expect(read.tensors.scalar.dtype).toBe("I64");
  });

  it("round-trips any tensors", () => {
    const tensor = fc
      .tuple(fc.constantFrom(...(Object.keys(dtypes) as Dtype[])), fc.array(fc.nat(3), { maxLength: 4 }), fc.nat(255))
      .map(([dtype, shape, fill]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const bytes = new Uint8Array(length * dtypes[dtype].size).map((_, i) => (fill + 37 * i) % 120);
        return { dtype, shape, data: dtypes[dtype].decode(bytes) };
      });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), tensor),
        fc.dictionary(fc.string(), fc.string()),
        fc.nat(7),
        (tensors, metadata, shift) => {
          fc.pre(!Object.hasOwn(tensors, "__metadata__"));
          const written = writeSafetensors(tensors, metadata);
          const shifted = new Uint8Array(written.length + shift);
          shifted.set(written, shift);
          const read = readSafetensors(shifted.subarray(shift));
          expect({ ...read.tensors }).toEqual({ ...tensors });
          expect({ ...read.metadata }).toEqual({ ...metadata });
        },
      ),
    );
  });

  it("reads half precision as float32", () => {
    const bits = (values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
    const f16 = readSafetensors(file({ x: entry(0, 10, "F16", [5]) }, bits([0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555])));
    expect([...toFloat32(f16.tensors.x)]).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY, 0.333251953125]);
    const bf16 = readSafetensors(file({ x: entry(0, 4, "BF16", [2]) }, bits([0x3f80, 0xc049])));
    expect([...toFloat32(bf16.tensors.x)]).toEqual([1, -3.140625]);
  });

  it("rounds to half precision, half to even", () => {
    const data = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 3 * 2 ** -25, -0);
    const read = readSafetensors(writeSafetensors({ x: { dtype: "F16", shape: [7], data } }));
    const expected = [1, 1 + 2 ** -9, 65504, Number.POSITIVE_INFINITY, 0, 2 ** -23, -0];
    expect([...toFloat32(read.tensors.x)]).toEqual(expected);
    const bf = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, Number.NaN);
    const again = readSafetensors(writeSafetensors({ x: { dtype: "BF16", shape: [3], data: bf } }));
    expect([...toFloat32(again.tensors.x)]).toEqual([1, 1 + 2 ** -6, Number.NaN]);
  });

  it("keeps every half-precision number", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((i) => (i & 0x7c00) !== 0x7c00);
    for (const dtype of ["F16", "BF16"] as const) {
      const values = dtypes[dtype].decode(new Uint8Array(bits.buffer));
      expect(new Uint16Array(dtypes[dtype].encode(values).slice().buffer)).toEqual(bits);
    }
  });

  it.each([
    ["nothing", new Uint8Array(3), /3 bytes, too few/],
    [
      "a header of 2⁶⁰ bytes",
      (() => {
        const bytes = new Uint8Array(64);
        new DataView(bytes.buffer).setBigUint64(0, 2n ** 60n, true);
        return bytes;
      })(),
      /header is said to have 1152921504606846976 bytes, but 56 follow/,
    ],
    ["a header that is no JSON", file("{"), /header is not JSON/],
    ["a header that is no object", file([]), /not a JSON object/],
    ["overlapping tensors", file({ a: entry(0, 8), b: entry(4, 12) }, 12), /"b" overlaps/],
    ["a hole", file({ a: entry(0, 4), b: entry(8, 12) }, 12), /4 bytes before tensor "b" belong to none/],
    ["bytes left over", file({ a: entry(0, 4) }, 5), /1 bytes at its end/],
    ["a truncated body", file({ a: entry(0, 400) }, 40), /need 400 bytes, but 40 follow/],
    ["a shape that does not fit", file({ a: entry(0, 8, "F32", [3]) }, 8), /has 8 bytes, but F32 \[3\] needs 12/],
    ["a negative extent", file({ a: entry(0, 4, "F32", [-1]) }, 4), /no valid shape/],
    ["an extent beyond all numbers", file({ a: entry(0, 4, "F32", [2 ** 53]) }, 4), /no valid shape/],
    ["shapes that overflow", file({ a: entry(0, 4, "F32", [2 ** 40, 2 ** 40]) }, 4), /needs/],
    ["reversed offsets", file({ a: { dtype: "U8", shape: [], data_offsets: [4, 0] } }, 4), /has -4 bytes/],
    [
      "offsets that are no numbers",
      file({ a: { dtype: "U8", shape: [], data_offsets: ["0", "1"] } }, 1),
      /data_offsets/,
    ],
    ["no type", file({ a: { shape: [], data_offsets: [0, 1] } }, 1), /no dtype/],
    ["an unknown type", file({ a: entry(0, 1, "F8_E5M2", [1]) }, 1), /unsupported dtype "F8_E5M2" of tensor "a"/],
    ["a type off the prototype", file({ a: entry(0, 1, "constructor", [1]) }, 1), /unsupported dtype/],
    ["an entry that is no object", file({ a: 3 }), /not described by an object/],
    ["metadata that are no text", file({ __metadata__: { a: 1 } }), /metadata "a" is not text/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(RegnetError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it("keeps names that mean something to JavaScript apart", () => {
    const { tensors } = readSafetensors(file('{"__proto__":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1));
    expect(Object.keys(tensors)).toEqual(["__proto__"]);
    expect(tensors.constructor).toBeUndefined();
  });

  it("refuses to write elements that do not fit", () => {
    expect(() => writeSafetensors({ a: { shape: [2], data: new Float32Array(3) } })).toThrow(/got 3, expected 2/);
    expect(() => writeSafetensors({ a: { dtype: "I64", shape: [1], data: new Float32Array(1) } })).toThrow(/BigInt64/);
  });
});
