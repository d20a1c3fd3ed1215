import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  buildModel,
  exportNetwork,
  importWeights,
  initialise,
  type ModelSpec,
  modelSpec,
  parseModelSpec,
  readTorch,
  type Tensors,
} from "@regnet/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { madeImages, uniform } from "./madeWeights.js";
import { logitsByOnnx, relativeError } from "./runOnnx.js";

const [CLASSES, BATCH, SIDE] = [12, 2, 64];
const PYTHON = process.env.REGNET_PYTHON ?? "/usr/bin/python3";
const script = fileURLToPath(new URL("./answer.py", import.meta.url));

function answer(...args: string[]): number[] {
  return JSON.parse(execFileSync(PYTHON, [script, ...args], { encoding: "utf8", maxBuffer: 1 << 26 }));
}

/** Initial weights, with running statistics and norms that are not trivial. */
function weightsOf(spec: ModelSpec): Tensors {
  const graph = buildModel(spec, { classes: CLASSES });
  const shake = (name: string, values: Float32Array) => {
    const noise = uniform(name, values.length);
    return /bn\.|norm|gamma|bias|stem\.1/.test(name) ? values.map((value, i) => value + 0.2 + 0.1 * noise[i]) : values;
  };
  return Object.fromEntries(Object.entries(initialise(graph, 1)).map(([name, values]) => [name, shake(name, values)]));
}

const anynet = parseModelSpec({
  family: "anynet",
  stem: "cifar",
  activation: "silu",
  se: 0.25,
  stages: [
    { depth: 1, width: 24, groupWidth: 8, bottleneck: 1, stride: 1 },
    { depth: 2, width: 64, groupWidth: 16, bottleneck: 2 },
  ],
});

describe("weights that go to PyTorch and come from it", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "regnet-torch-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ["RegNetX-400MF", modelSpec("RegNetX-400MF")],
    ["RegNetY-400MF", modelSpec("RegNetY-400MF")],
    ["regnet_x_400mf", modelSpec("regnet_x_400mf")],
    ["convnext_tiny", modelSpec("convnext_tiny")],
    ["a network of two stages with another stem", anynet],
  ])("%s, exported as pytorch, answers alike in torchvision", async (name, spec) => {
    const weights = weightsOf(spec);
    const options = { resolution: SIDE, channels: 3, classes: CLASSES };
    for (const file of exportNetwork({ spec, options, weights }, { format: "pytorch", file: `${name}.pth` })) {
      writeFileSync(join(folder, file.name), file.bytes);
    }
    const theirs = answer("exported", join(folder, `${name}.py`), String(SIDE));
    const ours = await logitsByOnnx(spec, weights, madeImages(BATCH, SIDE), {
      batch: BATCH,
      side: SIDE,
      classes: CLASSES,
    });
    expect(relativeError(ours, theirs)).toBeLessThan(1e-4);
  });

  it.each(["regnet_x_400mf", "regnet_y_400mf", "convnext_tiny"])(
    "%s, saved by torch.save in both forms, answers alike here",
    async (model) => {
      const theirs = answer("saved", model, String(CLASSES), String(SIDE), folder);
      for (const form of ["zip.pth", "legacy.pth"]) {
        const { name, spec, options, weights } = importWeights(readTorch(readFileSync(join(folder, form))));
        expect([name ?? spec, options]).toEqual([publishedName(model), { channels: 3, classes: CLASSES }]);
        const size = { batch: BATCH, side: SIDE, classes: CLASSES };
        const ours = await logitsByOnnx(spec, weights, madeImages(BATCH, SIDE), size);
        expect(relativeError(ours, theirs)).toBeLessThan(1e-4);
      }
    },
  );
});

/** torchvision's RegNetY-400MF is the paper's; its RegNetX-400MF is not. */
function publishedName(model: string): string {
  return { regnet_x_400mf: "regnet_x_400mf", regnet_y_400mf: "RegNetY-400MF" }[model] ?? "ConvNeXt-Tiny";
}
