import { describe, expect, it } from "vitest";
import { buildModel, modelSpec } from "../families/build.js";
import { initialise } from "../graph/initialise.js";
import { readOnnx } from "../onnx/readOnnx.js";
import { exportNetwork } from "./exportNetwork.js";
import { importWeights } from "./importWeights.js";
import { readSafetensors } from "./readSafetensors.js";

const options = { resolution: 32, channels: 3, classes: 3 };
const spec = modelSpec("RegNetX-200MF");
const weights = initialise(buildModel(spec, options), 5);
const network = { spec, options, weights, metadata: { classes: '["a","b","c"]' } };

describe("exportNetwork", () => {
  it("writes ONNX with its metadata", () => {
    const [file, ...others] = exportNetwork(network, { format: "onnx", file: "/somewhere/net.onnx" });
    expect(file.name).toBe("net.onnx");
    expect(others).toEqual([]);
    expect(readOnnx(file.bytes)).toMatchObject({
      metadata: network.metadata,
      inputs: [{ shape: ["batch", 3, 32, 32] }],
    });
  });

  it.each(["timm", "torchvision", "pycls", "hf"] as const)("writes safetensors with the names of %s", (naming) => {
    const [{ bytes }] = exportNetwork(network, { format: "safetensors", naming, file: "net.safetensors" });
    const { tensors, metadata } = readSafetensors(bytes);
    expect({ ...metadata }).toEqual({ ...network.metadata, format: "pt", "regnet.names": naming });
    expect(importWeights(tensors)).toMatchObject({ naming, name: "RegNetX-200MF" });
  });

  it("writes weights and a script for PyTorch", () => {
    const files = exportNetwork(network, { format: "pytorch", file: "net.pth" });
    expect(files.map(({ name }) => name)).toEqual(["net.safetensors", "net.py"]);
    expect(importWeights(readSafetensors(files[0].bytes).tensors).naming).toBe("torchvision");
    expect(new TextDecoder().decode(files[1].bytes)).toContain('with_name("net.safetensors")');
  });

  it("has scripts for torchvision and timm alone", () => {
    const target = { format: "pytorch", naming: "pycls", file: "net" } as const;
    expect(() => exportNetwork(network, target)).toThrow(
      /invalid names for pytorch: got "pycls", expected torchvision/,
    );
  });
});
