import { RegnetError } from "../../errors.js";
import type { NetworkOptions } from "../../families/input.js";
import type { ModelSpec } from "../../families/model.js";
import { inTimm } from "./timm.js";
import { inTorchvision } from "./torchvision.js";

/** A network that a script is to build. */
export interface LoaderNetwork {
  readonly spec: ModelSpec;
  readonly options: Required<Pick<NetworkOptions, "channels" | "classes">>;
}

export interface LoaderOptions {
  readonly naming: "torchvision" | "timm";
  /** Name of the weights file, which lies beside the script. */
  readonly weightsFile: string;
  /** What else a user has to know: class names, normalisation. Written as JSON into the script. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** How a library builds a network, in Python. */
export interface PythonNetwork {
  readonly imports: readonly string[];
  /** Statements that end with the network in `net`. */
  readonly build: readonly string[];
}

/**
 * A short Python script that builds the network in torchvision or timm and loads the weights written beside it. It
 * needs PyTorch and that library alone.
 *
 * @throws RegnetError (`unsupported`) where the library cannot build the network
 */
export function loaderScript(network: LoaderNetwork, { naming, weightsFile, facts = {} }: LoaderOptions): string {
  const { imports, build } = naming === "timm" ? inTimm(network) : inTorchvision(network);
  return `"""Builds a network in ${naming} and loads its weights: net = load(). Written by regnet."""
import json
import pathlib

import torch
${imports.join("\n")}

FACTS = json.loads(r'''${JSON.stringify(facts).replaceAll("'", "\\u0027")}''')


def build():
${build.map((line) => `    ${line}`).join("\n")}
    return net


def load(path=pathlib.Path(__file__).with_name(${pythonString(weightsFile)})):
    net = build()
    net.load_state_dict(read(path))
    return net.eval()


def read(path):
    """The tensors of a safetensors file."""
    raw = bytearray(pathlib.Path(path).read_bytes())
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start].decode())
    header.pop("__metadata__", None)
    return {name: tensor(raw, start, **entry) for name, entry in header.items()}


def tensor(raw, start, dtype, shape, data_offsets):
    kind, size = {"F32": (torch.float32, 4), "I64": (torch.int64, 8)}[dtype]
    begin, end = data_offsets
    return torch.frombuffer(raw, dtype=kind, count=(end - begin) // size, offset=start + begin).reshape(shape)


if __name__ == "__main__":
    net = load()
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters loaded")
`;
}

/** A Python list of numbers. */
export function pythonList(values: readonly number[]): string {
  return `[${values.join(", ")}]`;
}

export function cannotBuild(library: string, what: string, remedy: string): RegnetError {
  return new RegnetError(`unsupported in ${library}: ${what}; ${remedy}`, "unsupported");
}

function pythonString(text: string): string {
  return JSON.stringify(text);
}
