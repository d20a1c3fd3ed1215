import { invalid } from "../errors.js";
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Initialiser, Value } from "../graph/graph.js";
import {
  add,
  channelScale,
  conv2d,
  dropPath,
  gelu,
  globalAveragePool,
  layerNorm,
  reshape,
} from "../graph/ops/index.js";
import { classifier } from "./anynet.js";
import { countedInput, type NetworkOptions } from "./input.js";

/** A ConvNeXt (Liu et al., A ConvNet for the 2020s). */
export interface ConvNeXtSpec {
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** Channels of each stage. */
  readonly widths: readonly number[];
  /** Drop-path rate of the last block; the rates rise linearly from 0. Default 0. */
  readonly dropPath?: number;
  /** `patchify` (4×4, stride 4; default) or `cifar` (3×3, stride 1). */
  readonly stem?: "patchify" | "cifar";
  /** Initial layer scale; default 1e-6. */
  readonly layerScale?: number;
}

const WEIGHT: Initialiser = { kind: "truncatedNormal", std: 0.02 };
const EPSILON = 1e-6;

/**
 * The inference graph of a ConvNeXt: input `image` [N,C,H,W], output `logits` [N,classes]. Names are timm's.
 * The two linear layers of a block are 1×1 convolutions, with weights [out,in,1,1].
 */
export function convnext(spec: ConvNeXtSpec, options: NetworkOptions = {}): Graph {
  const { batch = 1 } = options;
  const { height, width, channels, classes } = countedInput(options);
  if (spec.depths.length !== spec.widths.length || spec.depths.length === 0) {
    throw invalid("ConvNeXt stages", spec, "as many depths as widths, at least one of each");
  }
  const builder = new GraphBuilder(batch);
  const net = new Blocks(builder, spec);
  let x = net.stem(builder.input("image", [batch, channels, height, width]));
  const total = spec.depths.reduce((sum, depth) => sum + depth, 0);
  let index = 0;
  spec.depths.forEach((depth, i) => {
    if (i > 0) x = net.downsample(x, spec.widths[i], `stages.${i}.downsample`);
    for (let j = 0; j < depth; j++) {
      const rate = total > 1 ? ((spec.dropPath ?? 0) * index++) / (total - 1) : 0;
      x = net.block(x, rate, `stages.${i}.blocks.${j}`);
    }
  });
  const pooled = builder.one(globalAveragePool, [x], {}, "head.pool");
  const features = builder.one(reshape, [pooled], { shape: [x.shape[1]] }, "head.flatten");
  const normed = net.norm(features, "head.norm");
  builder.output("logits", classifier(builder, normed, classes, "head.fc", WEIGHT));
  return builder.build();
}

class Blocks {
  constructor(
    private readonly b: GraphBuilder,
    private readonly spec: ConvNeXtSpec,
  ) {}

  stem(image: Value): Value {
    const patchify = (this.spec.stem ?? "patchify") === "patchify";
    const window = patchify ? { kernel: 4, stride: 4, padding: 0 } : { kernel: 3, stride: 1, padding: 1 };
    return this.norm(this.conv(image, this.spec.widths[0], { ...window, groups: 1 }, "stem.0"), "stem.1");
  }

  downsample(x: Value, outputs: number, name: string): Value {
    const window = { kernel: 2, stride: 2, padding: 0, groups: 1 };
    return this.conv(this.norm(x, `${name}.0`), outputs, window, `${name}.1`);
  }

  block(x: Value, rate: number, name: string): Value {
    const width = x.shape[1];
    const point = { kernel: 1, stride: 1, padding: 0, groups: 1 };
    let y = this.conv(x, width, { kernel: 7, stride: 1, padding: 3, groups: width }, `${name}.conv_dw`);
    y = this.norm(y, `${name}.norm`);
    y = this.conv(y, 4 * width, point, `${name}.mlp.fc1`);
    y = this.b.one(gelu, [y], {}, `${name}.mlp.act`);
    y = this.conv(y, width, point, `${name}.mlp.fc2`);
    const initial: Initialiser = { kind: "constant", value: this.spec.layerScale ?? 1e-6 };
    const gamma = this.b.parameter(`${name}.gamma`, [width], "weight", initial);
    y = this.b.one(channelScale, [y, gamma], {}, `${name}.scale`);
    y = this.b.one(dropPath, [y], { rate }, `${name}.drop_path`);
    return this.b.one(add, [y, x], {}, `${name}.sum`);
  }

  norm(x: Value, name: string): Value {
    const width = x.shape[1];
    const gamma = this.b.parameter(`${name}.weight`, [width], "weight", { kind: "constant", value: 1 });
    const beta = this.b.parameter(`${name}.bias`, [width], "weight", { kind: "constant", value: 0 });
    return this.b.one(layerNorm, [x, gamma, beta], { epsilon: EPSILON }, name);
  }

  private conv(
    x: Value,
    outputs: number,
    { kernel, stride, padding, groups }: { kernel: number; stride: number; padding: number; groups: number },
    name: string,
  ): Value {
    const shape = [outputs, x.shape[1] / groups, kernel, kernel];
    const weight = this.b.parameter(`${name}.weight`, shape, "weight", WEIGHT);
    const bias = this.b.parameter(`${name}.bias`, [outputs], "weight", { kind: "constant", value: 0 });
    return this.b.one(conv2d, [x, weight, bias], { stride, padding, groups }, name);
  }
}
