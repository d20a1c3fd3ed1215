import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { regnet } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "regnet-refusals-"));
const inFolder = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A safetensors file of this header, the length of which may be a lie. */
function safetensors(header: object, data: number, length?: bigint): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([prefix, text, Buffer.alloc(data)]);
}

const floats = (count: number, begin = 0, dtype = "F32") => ({
  dtype,
  shape: [count],
  data_offsets: [begin, begin + 4 * count],
});

const HOSTILE: Readonly<Record<string, { readonly file: Uint8Array; readonly why: RegExp }>> = {
  endless: {
    file: safetensors({ a: floats(1) }, 4, 2n ** 60n),
    why: /header is said to have 1152921504606846976 bytes/,
  },
  truncated: { file: safetensors({ a: floats(4) }, 4), why: /need 16 bytes, but 4 follow/ },
  overlapping: { file: safetensors({ a: floats(2), b: floats(2, 4) }, 12), why: /tensor "b" overlaps the one before/ },
  strange: { file: safetensors({ a: floats(1, 0, "F33") }, 4), why: /unsupported dtype "F33" of tensor "a"/ },
  narrow: { file: safetensors({ a: floats(1, 0, "F64") }, 4), why: /tensor "a" has 4 bytes, but F64 \[1\] needs 8/ },
};

beforeAll(async () => {
  for (const [name, { file }] of Object.entries(HOSTILE)) writeFileSync(inFolder(`${name}.safetensors`), file);
  writeFileSync(inFolder("damaged.onnx"), "no ONNX at all".repeat(20));
  writeFileSync(inFolder("text.jpg"), "no image");
  writeFileSync(inFolder("file"), "");
  const small = ["--w0", "8", "--wa", "8", "--wm", "2", "--depth", "2", "--group-width", "8", "--res", "32"];
  expect(await regnet(["export", ...small, "-o", inFolder("good.onnx")])).toMatchObject({ code: 0 });
});

/** Ends with the code and one line that names what is wrong, and leaves nothing behind. */
async function expectRefusal(args: readonly string[], code: number, message: RegExp | string): Promise<void> {
  const before = readdirSync(folder);
  const outcome = await regnet(args);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.stderr.trimEnd()).toMatch(/^error: [^\n]*$/);
  expect(outcome).toMatchObject({ code, stdout: "" });
  expect(readdirSync(folder)).toEqual(before);
}

describe("a hostile file", () => {
  it.each(Object.entries(HOSTILE))(
    "of weights that is %s is refused by name, whoever reads it",
    async (name, { why }) => {
      const file = inFolder(`${name}.safetensors`);
      const refused = (args: readonly string[]) =>
        expectRefusal(args, 1, new RegExp(`${name}\\.safetensors: .*${why.source}`));
      await refused(["import", file, "-o", inFolder("run")]);
      await refused(["export", "RegNetX-200MF", "--weights", file, "-o", inFolder("out.onnx")]);
      await refused(["predict", file, inFolder("text.jpg")]);
    },
  );

  it("that is no network or no image is refused by name", async () => {
    await expectRefusal(
      ["predict", inFolder("damaged.onnx"), inFolder("text.jpg")],
      1,
      /damaged\.onnx: corrupt ONNX file/,
    );
    const [good, text] = [inFolder("good.onnx"), inFolder("text.jpg")];
    await expectRefusal(["predict", good, text], 1, /text\.jpg: not an image that can be read: text/);
    await expectRefusal(["predict", good, inFolder("gone.jpg")], 1, /gone\.jpg: no such file or directory\n/);
  });
});

describe("an output that cannot be written", () => {
  const places: [string, string, RegExp][] = [
    ["below a file", inFolder("file/x"), /file: it is a file, not a folder|a part of its path is a file/],
    ["in a file system without room for it", "/proc/regnet/x", /cannot write \/proc\/regnet: its folder is not there/],
  ];
  it.each(places.filter(([, place]) => !place.startsWith("/proc") || existsSync("/proc")))(
    "%s is refused",
    async (_, place, why) => {
      await expectRefusal(["export", "RegNetX-200MF", "-o", `${place}/x.onnx`], 1, why);
      await expectRefusal(["study", "new", place, "--task", "simulate", "--trials", "1"], 1, why);
      await expectRefusal(["predict", inFolder("good.onnx"), inFolder("text.jpg"), "--saliency", place], 1, why);
      const images = ["--data", "shapes:20", "--res", "16", "--epochs", "1"];
      await expectRefusal(["train", "RegNetX-200MF", ...images, "-o", place], 1, why);
    },
  );

  it("because it is a folder is refused, and nothing is left in it", async () => {
    mkdirSync(inFolder("taken.onnx"));
    await expectRefusal(["export", "RegNetX-200MF", "-o", inFolder("taken.onnx")], 1, /taken\.onnx: it is a folder/);
    expect(readdirSync(inFolder("taken.onnx"))).toEqual([]);
  });
});

describe("a network beyond all measure", () => {
  it.each([
    [["describe", "RegNetX-200MF", "--res", "1000000000"], "invalid resolution: got 1000000000"],
    [["describe", "RegNetX-200MF", "--classes", "1T"], "invalid classes: got 1000000000000"],
    [["export", "RegNetX-200MF", "--classes", "10M", "-o", inFolder("huge.onnx")], "unsupported network: it has"],
  ])("%j is refused", (args, message) => expectRefusal(args, 1, message));
});
