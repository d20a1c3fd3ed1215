import { invalid } from "../errors.js";
import { type Complexity, expectExact } from "../graph/complexity.js";
import { type Convention, type RegNetParameters, validateParameters } from "../rule/parameters.js";
import { roundHalfEven } from "../rule/rounding.js";
import { StageBuffer } from "../rule/stages.js";
import { type AnyNetSpec, stageStride } from "./anynet.js";
import type { ConvNeXtSpec } from "./convnext.js";
import { AnyNetCounter, type CountedBody } from "./count.js";
import { type CountedInput, countedInput, type NetworkOptions } from "./input.js";
import type { ModelSpec } from "./model.js";

/** Complexity of a model in closed form: the numbers of `complexityOf(buildModel(…))`, without building a graph. */
export function countModel(spec: ModelSpec, options: NetworkOptions = {}): Complexity {
  const input = countedInput(options);
  if (spec.family === "convnext") return countConvNeXt(spec, input);
  const counter = new RegNetCounter();
  if (spec.family === "regnet") counter.regnet(spec, input, spec, spec.convention);
  else counter.anynet(spec, input);
  const { params, flops, acts } = counter;
  return { params, flops, acts };
}

/** Counts RegNets and AnyNets, one after the other, without leaving garbage behind. */
export class RegNetCounter extends AnyNetCounter {
  /** The stages of the RegNet counted last. */
  readonly stages = new StageBuffer();

  /**
   * The rule and the complexity of one RegNet; the results are this counter's fields until the next call.
   *
   * @throws RegnetError for parameters out of range, or which make no network
   */
  regnet(parameters: RegNetParameters, input: CountedInput, body: Body = DEFAULT_BODY, convention?: Convention): void {
    validateParameters(parameters);
    this.stages.fill(parameters, convention ?? "pycls");
    this.countStages(parameters, input, body);
  }

  /** The complexity of the network in `stages`; the parameters give its bottleneck and squeeze-excitation. */
  countStages({ bottleneck = 1, se = 0 }: RegNetParameters, input: CountedInput, body: Body = DEFAULT_BODY): void {
    const { count, widths, depths, groupWidths } = this.stages;
    const full = fullBody(body, se);
    this.start(input, full);
    for (let i = 0; i < count; i++) {
      const inner = bottleneck === 1 ? widths[i] : roundHalfEven(widths[i] / bottleneck);
      const stride = i === 0 && full.stem === "patchify" ? 1 : 2;
      this.stage(depths[i], widths[i], inner, groupWidths[i], stride, full);
    }
    this.finish(input.classes, full);
  }

  /** The complexity of one AnyNet. */
  anynet(spec: AnyNetSpec, input: CountedInput): void {
    const body = fullBody(spec, spec.se ?? 0);
    this.start(input, body);
    for (let i = 0; i < spec.stages.length; i++) {
      const { depth, width, groupWidth, bottleneck = 1 } = spec.stages[i];
      this.stage(depth, width, roundHalfEven(width / bottleneck), groupWidth, stageStride(spec, i), body);
    }
    this.finish(input.classes, body);
  }
}

/** What an AnyNet is besides its stages and its squeeze-excitation. */
export type Body = Omit<AnyNetSpec, "stages" | "se">;

const DEFAULT_BODY: Body = {};
const PAPERS_X: CountedBody = { stem: "simple", stemWidth: 32, headWidth: 0, se: 0, linear: false };

function fullBody(body: Body, se: number): CountedBody {
  if (body === DEFAULT_BODY && se === 0) return PAPERS_X;
  const { stem = "simple", stemWidth = 32, headWidth = 0, linear = false } = body;
  return { stem, stemWidth, headWidth, se, linear };
}

function countConvNeXt({ depths, widths, stem = "patchify" }: ConvNeXtSpec, input: CountedInput): Complexity {
  let { height, width: columns, channels } = input;
  let [params, flops, acts] = [0, 0, 0];
  const conv = (fan: number, outputs: number) => {
    const elements = outputs * height * columns;
    params += (fan + 1) * outputs;
    flops += (fan + 1) * elements;
    acts += elements;
  };
  const shrink = (factor: number) => {
    height = Math.floor(height / factor);
    columns = Math.floor(columns / factor);
    if (height < 1 || columns < 1)
      throw invalid("resolution", [input.height, input.width], "a larger image", "or fewer stages");
  };
  if (stem === "patchify") shrink(4);
  conv((stem === "patchify" ? 16 : 9) * channels, widths[0]);
  params += 2 * widths[0];
  channels = widths[0];
  widths.forEach((width, i) => {
    if (i > 0) {
      params += 2 * channels;
      shrink(2);
      conv(4 * channels, width);
    }
    channels = width;
    for (let j = 0; j < depths[i]; j++) {
      conv(49, width);
      conv(width, 4 * width);
      conv(4 * width, width);
      params += 3 * width;
    }
  });
  params += 2 * channels + (channels + 1) * input.classes;
  flops += (channels + 1) * input.classes;
  acts += input.classes;
  expectExact({ params, flops, acts });
  return { params, flops, acts };
}
