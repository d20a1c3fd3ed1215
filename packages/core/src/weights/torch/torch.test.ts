import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegnetError } from "../../errors.js";
import { Cursor } from "./cursor.js";
import { readTorch } from "./readTorch.js";
import { unpickle } from "./unpickle.js";
import { Dictionary, Opaque } from "./values.js";

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`../golden/${name}.pth`, import.meta.url)));

/** A pickle from text and byte values. */
function pickle(...parts: (string | number)[]): Uint8Array {
  const bytes = parts.flatMap((part) => (typeof part === "number" ? [part] : [...Buffer.from(part, "latin1")]));
  return Uint8Array.from(bytes);
}

const unpickled = (...parts: (string | number)[]) => unpickle(new Cursor(pickle(...parts))).value;
const MAGIC = pickle(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, ".");

function legacy(...parts: (string | number)[]): Uint8Array {
  const start = [...MAGIC, ...pickle(0x80, 2, "M", 0xe9, 3, "."), ...pickle("}.")];
  return Uint8Array.from([...start, ...pickle(...parts)]);
}

describe("readTorch", () => {
  it.each(["zip", "legacy"])("reads what torch.save wrote, %s", (name) => {
    const tensors = readTorch(golden(name));
    expect({ ...tensors }).toEqual({
      "conv.weight": { dtype: "F32", shape: [3, 2], data: Float32Array.of(1, 2, 5, 6, 9, 10) },
      half: { dtype: "F16", shape: [2], data: Float32Array.of(1, -2.5) },
      counter: { dtype: "I64", shape: [], data: BigInt64Array.of(7n) },
      tied: { dtype: "F32", shape: [3], data: Float32Array.of(2, 3, 4) },
    });
  });

  it.each(["zip", "legacy"])("refuses every truncation of a file, %s", (name) => {
    const file = golden(name);
    for (let length = 0; length < file.length; length++) {
      expect(() => readTorch(file.subarray(0, length))).toThrow(RegnetError);
    }
  });

  it.each(["zip", "legacy"])("throws nothing but RegnetError for damaged files, %s", (name) => {
    const file = golden(name);
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = file.slice();
        for (const [at, value] of changes) damaged[at] = value;
        try {
          readTorch(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(RegnetError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["os.system", legacy("cposix\nsystem\n(X", 4, 0, 0, 0, "true", "tR."), /"posix\.system", which is not on the list/],
    ["builtins.eval", legacy(0x8c, 8, "builtins", 0x8c, 4, "eval", 0x93, "."), /"builtins\.eval"/],
    ["subprocess", legacy("csubprocess\nPopen\n."), /"subprocess\.Popen"/],
    ["getattr", legacy("cbuiltins\ngetattr\n."), /"builtins\.getattr"/],
    ["storages that unpickle themselves", legacy("ctorch.storage\n_load_from_bytes\n."), /_load_from_bytes/],
    ["the opcode INST", legacy("(iposix\nsystem\n."), /pickle opcode INST is not on the list/],
    ["the opcode OBJ", legacy("(cargparse\nNamespace\no."), /pickle opcode OBJ/],
    ["an unknown opcode", legacy(0xff), /pickle opcode 0xff/],
    ["a call of a class of storages", legacy("ctorch\nFloatStorage\n)R."), /calls what is no function/],
    ["a whole model", legacy("ctorchvision.models.regnet\nRegNet\n."), /torch\.save\(model\.state_dict\(\)/],
    ["no state dict", legacy("}X", 5, 0, 0, 0, "epoch", "K", 3, "s."), /holds no state dict \(its keys: "epoch"\)/],
    ["text", pickle("hello, this is text"), /neither an archive nor a pickle/],
    ["another pickle", pickle(0x80, 2, "K", 1, "."), /does not start with PyTorch's number/],
    [
      "an archive of something else",
      Uint8Array.from(
        Buffer.from(Buffer.from(golden("zip")).toString("latin1").replaceAll("data.pkl", "data.xyz"), "latin1"),
      ),
      /has no data\.pkl/,
    ],
  ])("refuses %s", (_, file, message) => {
    expect(() => readTorch(file)).toThrow(RegnetError);
    expect(() => readTorch(file)).toThrow(message);
  });

  it("refuses windows that multiply a storage", () => {
    const storage = [
      "((X",
      7,
      0,
      0,
      0,
      "storage",
      "ctorch\nFloatStorage\nX",
      1,
      0,
      0,
      0,
      "0X",
      3,
      0,
      0,
      0,
      "cpu",
    ] as const;
    const shape = ["(J", 0, 0, 0, 0x10, "t", "(K", 0, "t"] as const;
    const tensor = [
      "ctorch._utils\n_rebuild_tensor_v2\n",
      ...storage,
      "K",
      1,
      "tQK",
      0,
      ...shape,
      0x89,
      "NtR",
    ] as const;
    const keys = ["(X", 1, 0, 0, 0, "0l.", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f] as const;
    const file = legacy("}X", 1, 0, 0, 0, "w", ...tensor, "s.", ...keys);
    expect(() => readTorch(file)).toThrow(/tensor "w" repeats elements beyond the size of the file/);
  });
});

describe("unpickle", () => {
  it("reads the plain values of every protocol", () => {
    expect(unpickled("(I1\nL-2L\nI01\nI00\nF0.5\nS'a'\nVb\nNl.")).toEqual([1, -2, true, false, 0.5, "a", "b", null]);
    expect(unpickled("(K", 5, "M", 1, 1, "J", 255, 255, 255, 255, 0x8a, 1, 0x80, 0x88, 0x89, "t.")).toEqual([
      5,
      257,
      -1,
      -128,
      true,
      false,
    ]);
    expect(unpickled("G", 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18, ".")).toBe(Math.PI);
    expect(unpickled(0x8f, "(K", 1, "K", 2, 0x90, ".")).toEqual([1, 2]);
  });

  it("keeps a shared value shared", () => {
    const [a, b] = unpickled("(]q", 3, "h", 3, "t.") as unknown[];
    expect(a).toBe(b);
  });

  it("reads an OrderedDict of Python 2, which comes with its items", () => {
    const read = unpickled("ccollections\nOrderedDict\n((lp1\n(lp2\nVk\naI3\naatR.") as Dictionary;
    expect(read).toBeInstanceOf(Dictionary);
    expect([...(read.entries ?? [])]).toEqual([["k", 3]]);
  });

  it("passes over harmless objects", () => {
    expect(unpickled("cargparse\nNamespace\n)", 0x81, "}U", 1, "aK", 1, "sb.")).toBeInstanceOf(Opaque);
  });

  it.each([
    ["an empty stack", "."],
    ["a mark that is not there", "t."],
    ["values below the mark", "N(0."],
    ["a memo that is empty", "h\u0001."],
    ["a key without a value", "(Nd."],
    ["appending to a number", "K\u0001Na."],
    ["items of a list", "]NNs."],
    ["a call without arguments", "ctorch\nSize\nNR."],
    ["a line without end", `c${"x".repeat(5000)}`],
    ["the end", "X\u00ff\u00ff\u00ff\u007f"],
    ["a persistent id of another kind", "NQ."],
  ])("refuses %s", (_, text) => {
    expect(() => unpickled(text)).toThrow(RegnetError);
  });

  it("stops at a number of values beyond any network", () => {
    expect(() => unpickled("}".repeat(600_000), ".")).toThrow(/more than 500000 values/);
    expect(() => unpickled("N", "q\u0001".repeat(600_000), ".")).toThrow(/more than 500000 values/);
  });
});
