import { RegnetError } from "../errors.js";
import type { AnyNetSpec, AnyNetStage } from "../families/anynet.js";
import { type ModelSpec, parseModelSpec } from "../families/model.js";
import { publishedModels } from "../families/published/index.js";
import { regnetSpec } from "../families/regnet.js";
import type { Shape } from "../graph/graph.js";
import { roundHalfEven } from "../rule/rounding.js";

/** Shapes by parameter name (ours). */
export type Shapes = ReadonlyMap<string, Shape>;

/** A network told from the shapes of its weights. */
export interface InferredModel {
  /** Its published name, if it has one. */
  readonly name?: string;
  readonly spec: ModelSpec;
}

/**
 * The network that weights of these names and shapes belong to. What shapes cannot tell is assumed to be as
 * published: strides of 2, the `simple` stem for a 3×3 first convolution, SiLU for RegNets without projections.
 *
 * @throws RegnetError when they make no network of a known family
 */
export function inferModel(shapes: Shapes, family: "regnet" | "convnext"): InferredModel {
  const spec = parseModelSpec(family === "regnet" ? inferAnyNet(shapes) : inferConvNeXt(shapes));
  return findPublished(spec) ?? { spec };
}

/** The published network of the same structure, or undefined. */
export function findPublished(spec: ModelSpec): { readonly name: string; readonly spec: ModelSpec } | undefined {
  const key = structure(spec);
  return publishedModels.find((model) => structure(model.spec) === key);
}

/** What distinguishes networks, whatever way they were given. */
function structure(spec: ModelSpec): string {
  if (spec.family === "convnext") return JSON.stringify([spec.depths, spec.widths, spec.stem ?? "patchify"]);
  const { stages, ...rest } = spec.family === "regnet" ? regnetSpec(spec, spec) : spec;
  const { stem = "simple", stemWidth = 32, se = 0, activation = "relu", linear = false, headWidth = 0 } = rest;
  const table = stages.map(({ depth, width, groupWidth, bottleneck = 1 }) => {
    return [depth, width, groupWidth, roundHalfEven(width / bottleneck)];
  });
  return JSON.stringify([table, stem, stemWidth, se, activation, linear, headWidth]);
}

function inferAnyNet(shapes: Shapes): AnyNetSpec & { family: "anynet" } {
  const stem = shapeOf(shapes, "stem.conv.weight");
  const stages: AnyNetStage[] = [];
  while (shapes.has(`s${stages.length + 1}.b1.conv1.conv.weight`)) stages.push(inferStage(shapes, stages.length + 1));
  const projected = [...shapes.keys()].some((name) => name.includes(".downsample."));
  return {
    family: "anynet",
    stages,
    stem: stem[2] === 4 ? "patchify" : "simple",
    stemWidth: stem[0],
    se: inferRatio(shapes, stages, stem[0]),
    ...(projected ? {} : { linear: true, activation: "silu" }),
    headWidth: shapes.get("final_conv.conv.weight")?.[0] ?? 0,
  };
}

function inferStage(shapes: Shapes, s: number): AnyNetStage {
  const inner = shapeOf(shapes, `s${s}.b1.conv1.conv.weight`)[0];
  const groupWidth = shapeOf(shapes, `s${s}.b1.conv2.conv.weight`)[1];
  const width = shapeOf(shapes, `s${s}.b1.conv3.conv.weight`)[0];
  const depth = count((b) => shapes.has(`s${s}.b${b + 1}.conv1.conv.weight`));
  return { depth, width, groupWidth, bottleneck: width / inner };
}

/** The squeeze-excitation ratio that gives every block its hidden width: the published one if it does. */
function inferRatio(shapes: Shapes, stages: readonly AnyNetStage[], stemWidth: number): number {
  const hidden: { input: number; width: number }[] = [];
  stages.forEach(({ depth, width }, i) => {
    for (let b = 1; b <= depth; b++) {
      const found = shapes.get(`s${i + 1}.b${b}.se.fc1.weight`);
      const input = b > 1 ? width : i > 0 ? stages[i - 1].width : stemWidth;
      if (found) hidden.push({ input, width: found[0] });
    }
  });
  if (hidden.length === 0) return 0;
  const candidates = [0.25, ...hidden.map(({ input, width }) => width / input)];
  const ratio = candidates.find((r) => hidden.every(({ input, width }) => roundHalfEven(input * r) === width));
  if (ratio !== undefined) return ratio;
  throw new RegnetError("unsupported network: its squeeze-excitation widths follow no single ratio", "unsupported");
}

function inferConvNeXt(shapes: Shapes): ModelSpec {
  const stages = count((i) => shapes.has(`stages.${i}.blocks.0.conv_dw.weight`));
  const indices = Array.from({ length: stages }, (_, i) => i);
  return {
    family: "convnext",
    depths: indices.map((i) => count((j) => shapes.has(`stages.${i}.blocks.${j}.conv_dw.weight`))),
    widths: indices.map((i) => shapeOf(shapes, `stages.${i}.blocks.0.conv_dw.weight`)[0]),
    stem: shapeOf(shapes, "stem.0.weight")[2] === 3 ? "cifar" : "patchify",
  };
}

/** How many of 0, 1, 2, … hold before the first that does not. */
function count(holds: (i: number) => boolean): number {
  let n = 0;
  while (holds(n)) n++;
  return n;
}

function shapeOf(shapes: Shapes, name: string): Shape {
  const shape = shapes.get(name);
  if (shape?.length === 4) return shape;
  throw new RegnetError(`missing convolution ${name}; the file does not hold a whole network`, "missing", name);
}
