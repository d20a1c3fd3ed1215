import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildModel, exportWeights, initialise, readOnnx, readOnnxWeights, writeSafetensors } from "@regnet/core";
import { readRunSpec } from "@regnet/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const bin = fileURLToPath(new URL("../../bin/regnet.js", import.meta.url));
let folder: string;

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function regnet(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "regnet-export-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const graph = buildModel("RegNetX-200MF", { classes: 3 });
const weights = initialise(graph, 4);

describe("regnet export and import", () => {
  it("takes pycls's names in, a run's folder between, ONNX out, with every weight the same", async () => {
    writeFileSync(join(folder, "weights.safetensors"), writeSafetensors(exportWeights(graph, weights, "pycls")));
    writeFileSync(join(folder, "names.txt"), "猫\nhund\nbird\n");
    const imported = await regnet(
      "import",
      "weights.safetensors",
      "--class-names",
      "names.txt",
      "-o",
      "run",
      "--res",
      "64",
    );
    expect(imported.stderr).toBe("");
    expect(imported.stdout).toContain("RegNetX-200MF with pycls's names, 3 classes, 3 channels → run");
    expect(imported.stdout).toContain("red, green, blue now");
    expect(readRunSpec(join(folder, "run"))).toMatchObject({ classes: ["猫", "hund", "bird"], resolution: 64 });

    const exported = await regnet("export", "run", "-o", "deep/net.onnx", "--json");
    expect(JSON.parse(exported.stdout)).toMatchObject({ format: "onnx", files: [{ path: "deep/net.onnx" }] });
    const file = readFileSync(join(folder, "deep", "net.onnx"));
    expect(JSON.parse(readOnnx(file).metadata["regnet.card"])).toMatchObject({ classes: ["猫", "hund", "bird"] });
    const stored = readOnnxWeights(file);
    for (const [name, values] of Object.entries(weights)) {
      expect(Buffer.compare(Buffer.from(stored[name].buffer), Buffer.from(values.buffer)), name).toBe(0);
    }
  });

  it("writes the weights of a run for PyTorch, and they come back with classes and normalisation", async () => {
    const { stdout } = await regnet("export", "run", "--format", "pytorch", "-o", "net.pth");
    expect(stdout).toMatch(/net\.safetensors .*\n.*net\.py/);
    expect((await regnet("import", "net.safetensors", "-o", "again")).code).toBe(0);
    const [first, again] = ["run", "again"].map((run) => readRunSpec(join(folder, run)));
    expect(again).toMatchObject({ name: first.name, classes: first.classes, normalisation: first.normalisation });
  });

  it("takes an exported file for a network, whatever its names", async () => {
    const { code } = await regnet("export", "net.safetensors", "-o", "again.onnx");
    expect(code).toBe(0);
    const [first, again] = ["deep/net.onnx", "again.onnx"].map((file) => readFileSync(join(folder, file)));
    expect(Buffer.compare(first, again)).toBe(0);
  });

  it("gives a model the weights of a file", async () => {
    const args = ["export", "RegNetX-200MF", "--weights", "weights.safetensors", "-o", "given.onnx", "--res", "32"];
    expect((await regnet(...args)).code).toBe(0);
    expect(readOnnx(readFileSync(join(folder, "given.onnx"))).outputs[0].shape).toEqual(["batch", 3]);
  });

  it.each([
    [2, ["export", "RegNetX-200MF"], /missing --output/],
    [2, ["export", "RegNetX-200MF", "-o", "net.xyz"], /missing --format/],
    [2, ["export", "RegNetX-200", "-o", "net.onnx"], /did you mean "RegNetX-200MF"/],
    [2, ["export", "RegNetX-200MF", "-o", "net.onnx", "--names", "hf"], /--names does not apply/],
    [2, ["export", "run", "--w0", "24", "-o", "net.onnx"], /--w0 does not apply to run, which is a trained network/],
    [2, ["export", "RegNetX-200MF", "--int8", "-o", "net.onnx"], /--int8 needs a trained network/],
    [1, ["export", "RegNetX-200MF", "--format", "pytorch", "--names", "hf", "-o", "x"], /invalid names for pytorch/],
    [1, ["export", "regnetz_005", "--format", "pytorch", "-o", "x"], /unsupported in torchvision: RegNetZ/],
    [1, ["import", "nothing.pth"], /missing file nothing\.pth/],
    [1, ["import", "names.txt"], /neither a safetensors file nor one of torch\.save/],
    [1, ["import", "weights.safetensors", "-o", "run"], /run holds a run already/],
    [1, ["import", "weights.safetensors", "--model", "RegNetY-200MF"], /missing \d+ of \d+ tensors.*\.se\./],
    [2, ["import", "weights.safetensors", "--mean", "0.5", "-o", "x"], /invalid --mean: got 1 numbers/],
    [2, ["import", "weights.safetensors", "--class-names", "weights.safetensors", "-o", "x"], /invalid --class-names/],
  ])("exits with %i for %j", async (code, args, message) => {
    const before = readdirSync(folder).sort();
    const outcome = await regnet(...args);
    expect(outcome.stderr).toMatch(message);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it("refuses a file that would run code, by the name of what it wants", async () => {
    const start = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.}.";
    writeFileSync(join(folder, "evil.pth"), `${start}cposix\nsystem\n(X\x0c\0\0\0touch pwned!tR.`, "latin1");
    const { code, stderr } = await regnet("import", "evil.pth", "-o", "evil");
    expect(code).toBe(1);
    expect(stderr).toMatch(/evil\.pth: unsupported PyTorch file: it wants to use "posix\.system"/);
    expect(existsSync(join(folder, "evil"))).toBe(false);
  });
});
