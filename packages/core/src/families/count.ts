import { invalid } from "../errors.js";
import { type Complexity, expectExact } from "../graph/complexity.js";
import { roundHalfEven } from "../rule/rounding.js";
import type { Stem } from "./anynet.js";
import type { CountedInput } from "./input.js";

/** The parts of an AnyNet that are not its stages. */
export interface CountedBody {
  readonly stem: Stem;
  readonly stemWidth: number;
  readonly headWidth: number;
  readonly se: number;
  /** No projections, as in RegNetZ. */
  readonly linear: boolean;
}

/**
 * Complexity of an AnyNet in closed form, stage by stage, without a graph: the same numbers as `complexityOf`, a
 * thousand times faster. One counter counts any number of networks: `start`, then `stage` for each, then `finish`.
 */
export class AnyNetCounter implements Complexity {
  params = 0;
  flops = 0;
  acts = 0;
  private height = 0;
  private width = 0;
  private channels = 0;

  /** The stem. */
  start(input: CountedInput, { stem, stemWidth }: CountedBody): void {
    this.params = 0;
    this.flops = 0;
    this.acts = 0;
    this.height = input.height;
    this.width = input.width;
    this.channels = input.channels;
    if (stem === "patchify") this.patches(stemWidth);
    else this.convNorm(9 * this.channels, stemWidth, stem === "simple" ? 2 : 1);
    this.channels = stemWidth;
  }

  /** `depth` blocks of `width` channels with `inner` in the bottleneck; the first has the stride. */
  stage(depth: number, width: number, inner: number, groupWidth: number, stride: number, body: CountedBody): void {
    this.block(width, inner, groupWidth, stride, body);
    if (depth === 1) return;
    const { params, flops, acts } = this;
    this.block(width, inner, groupWidth, 1, body);
    this.params += (this.params - params) * (depth - 2);
    this.flops += (this.flops - flops) * (depth - 2);
    this.acts += (this.acts - acts) * (depth - 2);
  }

  /** The head. */
  finish(classes: number, { headWidth }: CountedBody): void {
    if (headWidth > 0) {
      this.convNorm(this.channels, headWidth, 1);
      this.channels = headWidth;
    }
    this.linear(this.channels, classes);
    expectExact(this);
  }

  private block(width: number, inner: number, groupWidth: number, stride: number, body: CountedBody): void {
    const inputs = this.channels;
    const { height, width: columns } = this;
    this.convNorm(inputs, inner, 1);
    this.convNorm(9 * groupWidth, inner, stride);
    if (body.se > 0) this.squeezeExcitation(inner, Math.max(1, roundHalfEven(inputs * body.se)));
    this.convNorm(inner, width, 1);
    if (!body.linear && (inputs !== width || stride !== 1)) {
      this.height = height;
      this.width = columns;
      this.convNorm(inputs, width, stride);
    }
    this.channels = width;
  }

  private squeezeExcitation(inner: number, squeezed: number): void {
    this.linear(inner, squeezed);
    this.linear(squeezed, inner);
  }

  /** A convolution with batch norm; `fan` is the weights of one output channel. Windows are padded by half their size. */
  private convNorm(fan: number, outputs: number, stride: number): void {
    if (stride !== 1) {
      this.height = Math.floor((this.height - 1) / stride) + 1;
      this.width = Math.floor((this.width - 1) / stride) + 1;
    }
    const elements = outputs * this.height * this.width;
    this.params += (fan + 2) * outputs;
    this.flops += fan * elements;
    this.acts += elements;
  }

  private patches(outputs: number): void {
    this.height = Math.floor(this.height / 4);
    this.width = Math.floor(this.width / 4);
    if (this.height < 1 || this.width < 1) throw invalid("resolution", "below 4", "at least 4 for the patchify stem");
    this.convNorm(16 * this.channels, outputs, 1);
  }

  private linear(inputs: number, outputs: number): void {
    this.params += (inputs + 1) * outputs;
    this.flops += (inputs + 1) * outputs;
    this.acts += outputs;
  }
}
