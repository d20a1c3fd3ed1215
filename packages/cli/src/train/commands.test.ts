import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Evaluation, RunResult } from "@regnet/train";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const bin = fileURLToPath(new URL("../../bin/regnet.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "regnet-cli-train-"));
const run = join(folder, "run");
const rule = ["--w0", "8", "--wa", "8", "--wm", "2", "--depth", "2", "--group-width", "8", "--stem-width", "8"];
const small = [
  ...rule,
  "--data",
  "shapes:100",
  "--res",
  "16",
  "--batch",
  "20",
  "--engine",
  "onnxruntime",
  "--threads",
  "1",
];

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  const { status, stderr, stdout } = regnet("train", ...small, "--epochs", "1", "-o", run);
  expect(stderr).toMatch(/^5 steps of 20 images at 16², 5 an epoch, on onnxruntime\nepoch 1\/1 {2}loss \d\.\d{3}/m);
  expect(stdout).toMatch(/^finished after .*: best top-1 \d+\.\d+ % in epoch 1\n/);
  expect(status).toBe(0);
});

describe("regnet train", () => {
  it("gives its result as JSON, and goes on with what is finished without training", () => {
    const { status, stdout } = regnet("train", "--resume", "-o", run, "--json", "--workers", "0", "--threads", "1");
    expect(status).toBe(0);
    expect(JSON.parse(stdout) as RunResult).toMatchObject({ state: "finished", step: 5, epochs: [{ epoch: 1 }] });
  });

  it.each([
    [["train"], /missing --data/],
    [["train", ...rule, "--data", "nowhere"], /unknown data set: "nowhere"/],
    [["train", ...small, "--epochs", "1", "--time", "1m"], /give --epochs or --time, not both/],
    [["train", ...small, "--freeze", "1"], /missing --from/],
    [["train", ...small, "--recipe", "quik"], /did you mean "quick"/],
    [["train", "--resume"], /missing -o/],
    [
      ["train", "--resume", "-o", run, "--epochs", "9", "--lr", "1", "--new-head"],
      /invalid --epochs, --lr, --new-head: a/,
    ],
    [["train", "--resume", "-o", run, "--stem-width", "8"], /invalid --stem-width: a run that is resumed keeps/],
    [["train", "--resume", "-o", run, "--find-lr"], /invalid --find-lr/],
    [["train", ...small, "--find-lr", "--epochs", "2", "-o", "there"], /invalid --epochs, --output: --find-lr trains/],
    [["export", run, "--int8", "--res", "24", "-o", "x.onnx"], /--res does not go with --int8/],
    [["train", "--data", "shapes:100"], /missing model/],
    [["train", "RegNetX-201MF", "--data", "shapes:100"], /did you mean "RegNetX-200MF"/],
    [["eval", join("no", "where")], /missing --data/],
  ])("%j is misuse", (args, message) => {
    const { status, stderr } = regnet(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(status).toBe(2);
  });

  it("fine-tunes the network of a run under a folder of its name", () => {
    const [, ...settings] = small.slice(rule.length);
    const { status, stdout, stderr } = regnet("train", "--from", "run", "--data", ...settings, "--epochs", "1");
    expect(stderr).toMatch(/^note: starts from .*run: regnet\n5 steps/);
    expect(stdout).toMatch(/the run is runs\/run-shapes-100;/);
    expect(status).toBe(0);
  });

  it("gives each of two that are started at once a folder of its own, and leaves none where nothing begins", async () => {
    const start = () =>
      promisify(execFile)(process.execPath, [bin, "train", ...small, "--epochs", "1"], { cwd: folder });
    const folders = (await Promise.all([start(), start()])).map(({ stdout }) => /the run is (.*);/.exec(stdout)?.[1]);
    expect(folders.sort()).toEqual(["runs/regnet-shapes-100", "runs/regnet-shapes-100-2"]);
    expect(regnet("train", ...small, "--recipe", "quik").status).toBe(2);
    expect(existsSync(join(folder, "runs/regnet-shapes-100-3"))).toBe(false);
  });

  it("searches a learning rate", () => {
    const { stdout } = regnet("train", ...small, "--find-lr");
    expect(stdout).toMatch(
      /the learning rate rises from 0\.00010 to .*:\n[▁-█]+\nit falls fastest at \S+, and first rises at \S+\n.*suggestion/,
    );
  });

  it("refuses a folder that holds a run", () => {
    const { status, stderr } = regnet("train", ...small, "-o", run);
    expect(stderr).toMatch(/holds a run already; go on with it by --resume/);
    expect(status).toBe(1);
  });
});

describe("regnet eval", () => {
  it("knows the run's data set, and shows which class is taken for which", () => {
    expect(regnet("eval", run).stdout).toMatch(/20 images in [\s\S]*top-1 [\s\S]*balanced [\s\S]*0 circle/);
    const evaluation = JSON.parse(regnet("eval", run, "--json").stdout) as Evaluation;
    expect(evaluation.images).toBe(20);
    expect(evaluation.confusion.flat().reduce((a, b) => a + b)).toBe(20);
    expect(regnet("eval", run, "--split", "all").stdout).toMatch(/^120 images in /);
  });

  it("does not run an ONNX file on another engine than asked for", () => {
    const onnx = join(folder, "run.onnx");
    expect(regnet("export", run, "-o", onnx).status).toBe(0);
    const { status, stderr } = regnet("eval", onnx, "--data", "shapes:100", "--engine", "onednn");
    expect(stderr).toMatch(/invalid engine: got "onednn", expected onnxruntime/);
    expect(status).not.toBe(0);
  });
});

describe("regnet predict", () => {
  it("classifies what it can, draws where it looked, and names what it cannot read", async () => {
    const [image, text, pictures] = ["red.png", "text.png", "pictures"].map((name) => join(folder, name));
    await sharp({ create: { width: 40, height: 30, channels: 3, background: "#b22" } })
      .png()
      .toFile(image);
    writeFileSync(text, "no image");
    const { status, stdout, stderr } = regnet("predict", run, image, text, "--top", "2", "--saliency", pictures);
    expect(stdout).toMatch(/red\.png\n +\d+\.\d+ % {2}\w+\n +\d+\.\d+ % {2}\w+\n {2}see .*001-red\.png/);
    expect(stderr).toMatch(/error: .*text\.png: not an image that can be read/);
    expect(status).toBe(1);
    expect(readFileSync(join(pictures, "001-red.png")).subarray(1, 4).toString()).toBe("PNG");
  });
});

function regnet(...args: string[]) {
  return spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: "utf8" });
}
