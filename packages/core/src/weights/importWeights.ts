import { invalid, RegnetError } from "../errors.js";
import type { NetworkOptions } from "../families/input.js";
import { buildSpec, type ModelSpec } from "../families/model.js";
import type { Parameter } from "../graph/graph.js";
import { findPublished, inferModel } from "./inferModel.js";
import { detectNaming, type NamedTensors } from "./names/detect.js";
import { toOurs } from "./names/layout.js";
import type { Family, Naming } from "./names/naming.js";
import { type StoredTensor, toFloat32 } from "./tensor.js";

export interface ImportOptions {
  /** The network the weights are for; without it, it is told from their shapes. */
  readonly model?: ModelSpec;
}

/** A network and its weights, read under any of the known namings. */
export interface ImportedWeights {
  readonly naming: Naming;
  /** The published name, if it has one. */
  readonly name?: string;
  readonly spec: ModelSpec;
  readonly options: Required<Pick<NetworkOptions, "channels" | "classes">>;
  /** By our names, in plain layout; colours in the order red, green, blue. */
  readonly weights: Readonly<Record<string, Float32Array>>;
}

/**
 * Weights of a RegNet or ConvNeXt from a file's tensors, under the names of timm, torchvision, pycls, Hugging Face or
 * the ConvNeXt authors. Every tensor must be known and every parameter there.
 *
 * @throws RegnetError that names the tensors which are unknown, missing or of another shape
 */
export function importWeights(
  tensors: Readonly<Record<string, StoredTensor>>,
  { model }: ImportOptions = {},
): ImportedWeights {
  const { naming, family, named } = detectNaming(tensors);
  const shapes = new Map([...named].map(([name, { shape }]) => [name, shape]));
  const { name, spec } = model ? { name: findPublished(model)?.name, spec: model } : inferModel(shapes, family);
  const options = {
    channels: extent(named, family === "convnext" ? "stem.0.weight" : "stem.conv.weight", 1),
    classes: extent(named, "head.fc.weight", 0),
  };
  const { parameters } = buildSpec(spec, { ...options, resolution: smallest(spec) });
  return { naming, name, spec, options, weights: fill(parameters, named, naming, family) };
}

/** Parameters do not depend on the resolution; any that survives the strides will do. */
function smallest(spec: ModelSpec): number {
  const strides = spec.family === "convnext" ? spec.depths.length : spec.family === "anynet" ? spec.stages.length : 4;
  return 2 ** (strides + 2);
}

function fill(
  parameters: readonly Parameter[],
  named: NamedTensors,
  naming: Naming,
  family: Family,
): Record<string, Float32Array> {
  const absent = parameters.filter(({ name }) => !named.has(name)).map(({ name }) => name);
  if (absent.length > 0) {
    const some = absent.slice(0, 3).join(", ");
    const text = `missing ${absent.length} of ${parameters.length} tensors of this ${family}: ${some}`;
    throw new RegnetError(`${text}${absent.length > 3 ? ", …" : ""}`, "missing");
  }
  const known = new Set(parameters.map(({ name }) => name));
  const extra = [...named.keys()].find((name) => !known.has(name));
  if (extra) throw new RegnetError(`unknown tensor: the network given has no ${extra}`, "unknown", extra);
  return Object.fromEntries(
    parameters.map(({ name, value }) => {
      const tensor = named.get(name)!;
      const floats = { shape: tensor.shape, data: floatsOf(name, tensor) };
      return [name, toOurs(naming, name, floats, value.shape).data];
    }),
  );
}

const FLOATS: readonly string[] = ["F64", "F32", "F16", "BF16"];

function floatsOf(name: string, tensor: StoredTensor): Float32Array {
  if (!FLOATS.includes(tensor.dtype)) throw invalid(`type of ${name}`, tensor.dtype, FLOATS.join(", "));
  return toFloat32(tensor);
}

function extent(named: NamedTensors, name: string, axis: number): number {
  const found = named.get(name)?.shape[axis];
  if (!found) throw new RegnetError(`missing ${name}; the file does not hold a whole network`, "missing", name);
  return found;
}
