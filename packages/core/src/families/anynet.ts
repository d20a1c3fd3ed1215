import { invalid } from "../errors.js";
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Initialiser, Value } from "../graph/graph.js";
import {
  add,
  batchNorm,
  conv2d,
  globalAveragePool,
  linear,
  multiply,
  relu,
  reshape,
  sigmoid,
  silu,
} from "../graph/ops/index.js";
import { roundHalfEven } from "../rule/rounding.js";
import { countedInput, type NetworkOptions } from "./input.js";

/** One stage of an AnyNet: `depth` blocks of one width, the first with stride 2 (paper §3.2, fig. 3). */
export interface AnyNetStage {
  readonly depth: number;
  readonly width: number;
  /** Group width of the 3×3 convolution, dividing the bottleneck width. */
  readonly groupWidth: number;
  /** Bottleneck ratio, width ÷ bottleneck width; default 1. */
  readonly bottleneck?: number;
  /** Stride of the first block; default 2, but 1 in the first stage after the `patchify` stem. */
  readonly stride?: number;
}

/**
 * - `simple`: 3×3 convolution of stride 2, batch norm, activation (the paper's)
 * - `cifar`: the same with stride 1, for small images
 * - `patchify`: 4×4 convolution of stride 4, batch norm, activation; the first stage then keeps the resolution
 */
export type Stem = "simple" | "cifar" | "patchify";

/** A network of the AnyNetX design space, with what RegNetY and RegNetZ add to it. */
export interface AnyNetSpec {
  readonly stages: readonly AnyNetStage[];
  /** Default "simple". */
  readonly stem?: Stem;
  /** Default 32. */
  readonly stemWidth?: number;
  /** Squeeze-excitation ratio to the block's input width; default 0, off. */
  readonly se?: number;
  /** Default "relu". */
  readonly activation?: "relu" | "silu";
  /** No activation after the last 1×1 and the sum, and no projection: the skip is there only where shapes agree (RegNetZ). */
  readonly linear?: boolean;
  /** Width of a 1×1 convolution before the pooling; default 0, none. */
  readonly headWidth?: number;
}

/** The stems' convolutions. */
export const STEMS = {
  simple: { kernel: 3, stride: 2, padding: 1 },
  cifar: { kernel: 3, stride: 1, padding: 1 },
  patchify: { kernel: 4, stride: 4, padding: 0 },
} as const;

/** Builds the inference graph of an AnyNet: input `image` [N,C,H,W], output `logits` [N,classes]. Names are timm's. */
export function anynet(spec: AnyNetSpec, options: NetworkOptions = {}): Graph {
  const { batch = 1 } = options;
  const { height, width, channels, classes } = countedInput(options);
  const builder = new GraphBuilder(batch);
  const net = new Blocks(builder, spec);
  const image = builder.input("image", [batch, channels, height, width]);
  let x = net.stem(image);
  spec.stages.forEach((stage, i) => {
    const stride = stageStride(spec, i);
    for (let j = 0; j < stage.depth; j++) x = net.block(x, stage, j === 0 ? stride : 1, `s${i + 1}.b${j + 1}`);
  });
  builder.output("logits", net.head(x, classes));
  return builder.build();
}

/** Stride of the first block of stage `i`. */
export function stageStride({ stages, stem }: AnyNetSpec, i: number): number {
  return stages[i].stride ?? (i === 0 && stem === "patchify" ? 1 : 2);
}

class Blocks {
  constructor(
    private readonly b: GraphBuilder,
    private readonly spec: AnyNetSpec,
  ) {}

  stem(image: Value): Value {
    const { stem = "simple", stemWidth = 32 } = this.spec;
    const shape = STEMS[stem];
    if (!shape) throw invalid("stem", stem, Object.keys(STEMS).join(", "));
    return this.activate(this.convNorm(image, stemWidth, { ...shape, groups: 1 }, "stem"), "stem.act");
  }

  block(x: Value, stage: AnyNetStage, stride: number, name: string): Value {
    const { width, groupWidth, bottleneck = 1 } = stage;
    const inner = roundHalfEven(width / bottleneck);
    if (inner % groupWidth !== 0) {
      throw invalid(`group width of ${name}`, groupWidth, `a divisor of the bottleneck width ${inner}`);
    }
    const point = { kernel: 1, stride: 1, padding: 0, groups: 1 };
    let y = this.activate(this.convNorm(x, inner, point, `${name}.conv1`), `${name}.act1`);
    const window = { kernel: 3, stride, padding: 1, groups: inner / groupWidth };
    y = this.activate(this.convNorm(y, inner, window, `${name}.conv2`), `${name}.act2`);
    if (this.spec.se) y = this.squeezeExcitation(y, roundHalfEven(x.shape[1] * this.spec.se), `${name}.se`);
    y = this.convNorm(y, width, point, `${name}.conv3`);
    const same = x.shape[1] === width && stride === 1;
    if (this.spec.linear) return same ? this.b.one(add, [y, x], {}, `${name}.sum`) : y;
    const skip = same ? x : this.convNorm(x, width, { ...point, stride }, `${name}.downsample`);
    return this.activate(this.b.one(add, [y, skip], {}, `${name}.sum`), `${name}.act3`);
  }

  head(x: Value, classes: number): Value {
    const { headWidth = 0 } = this.spec;
    const point = { kernel: 1, stride: 1, padding: 0, groups: 1 };
    const wide = headWidth ? this.convNorm(x, headWidth, point, "final_conv") : x;
    const last = headWidth || this.spec.linear ? this.activate(wide, "final_conv.act") : wide;
    const pooled = this.b.one(globalAveragePool, [last], {}, "head.pool");
    const features = this.b.one(reshape, [pooled], { shape: [last.shape[1]] }, "head.flatten");
    return classifier(this.b, features, classes, "head.fc", { kind: "normal", std: 0.01 });
  }

  private squeezeExcitation(x: Value, width: number, name: string): Value {
    const squeezed = this.b.one(globalAveragePool, [x], {}, `${name}.pool`);
    const hidden = this.activate(this.pointwise(squeezed, Math.max(1, width), `${name}.fc1`), `${name}.act`);
    const gate = this.b.one(sigmoid, [this.pointwise(hidden, x.shape[1], `${name}.fc2`)], {}, `${name}.gate`);
    return this.b.one(multiply, [x, gate], {}, `${name}.scale`);
  }

  private pointwise(x: Value, outputs: number, name: string): Value {
    const weight = this.b.parameter(`${name}.weight`, [outputs, x.shape[1], 1, 1], "weight", {
      kind: "normal",
      std: Math.sqrt(2 / outputs),
    });
    const bias = this.b.parameter(`${name}.bias`, [outputs], "weight", { kind: "constant", value: 0 });
    return this.b.one(conv2d, [x, weight, bias], { stride: 1, padding: 0, groups: 1 }, name);
  }

  private convNorm(
    x: Value,
    outputs: number,
    { kernel, stride, padding, groups }: { kernel: number; stride: number; padding: number; groups: number },
    name: string,
  ): Value {
    const weight = this.b.parameter(`${name}.conv.weight`, [outputs, x.shape[1] / groups, kernel, kernel], "weight", {
      kind: "normal",
      std: Math.sqrt(2 / (kernel * kernel * outputs)),
    });
    const y = this.b.one(conv2d, [x, weight], { stride, padding, groups }, `${name}.conv`);
    const vector = (suffix: string, role: "weight" | "statistic", value: number) =>
      this.b.parameter(`${name}.bn.${suffix}`, [outputs], role, { kind: "constant", value });
    const gamma = vector("weight", "weight", 1);
    const beta = vector("bias", "weight", 0);
    const mean = vector("running_mean", "statistic", 0);
    const variance = vector("running_var", "statistic", 1);
    return this.b.one(batchNorm, [y, gamma, beta, mean, variance], { epsilon: 1e-5, momentum: 0.1 }, `${name}.bn`);
  }

  private activate(x: Value, name: string): Value {
    return this.b.one(this.spec.activation === "silu" ? silu : relu, [x], {}, name);
  }
}

/** A linear layer from features [N,F] to logits [N,classes]. */
export function classifier(
  b: GraphBuilder,
  features: Value,
  classes: number,
  name: string,
  initial: Initialiser,
): Value {
  const weight = b.parameter(`${name}.weight`, [classes, features.shape[1]], "weight", initial);
  const bias = b.parameter(`${name}.bias`, [classes], "weight", { kind: "constant", value: 0 });
  return b.one(linear, [features, weight, bias], {}, name);
}
