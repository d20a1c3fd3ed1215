import { type Graph, GraphBuilder, op, RegnetError, type Shape, size } from "@regnet/core";
import type { CompileOptions, Precision } from "../engine.js";
import type { Dnn } from "./binding/dnn.js";

/** A convolution without padding, or its gradient, small enough to be summed up here. */
interface Trial {
  readonly precision: Precision;
  readonly pass: "forward" | "gradient";
  readonly x: Shape;
  readonly weights: Shape;
  readonly stride: number;
}

/** What has been computed wrongly: windows as large as their stride, and bfloat16 where channels do not fill blocks. */
const TRIALS: readonly Trial[] = [
  { precision: "fp32", pass: "gradient", x: [2, 3, 16, 16], weights: [24, 3, 4, 4], stride: 4 },
  { precision: "fp32", pass: "gradient", x: [3, 12, 7, 9], weights: [24, 12, 2, 2], stride: 2 },
  { precision: "fp32", pass: "forward", x: [3, 12, 7, 9], weights: [24, 12, 2, 2], stride: 2 },
  { precision: "bf16", pass: "gradient", x: [1, 5, 5, 5], weights: [7, 5, 1, 1], stride: 1 },
  { precision: "bf16", pass: "forward", x: [2, 3, 16, 16], weights: [24, 3, 4, 4], stride: 4 },
];

/** As much of an executable as a trial needs. */
export interface Runnable {
  input(name: string): Float32Array;
  output(name: string): Float32Array;
  runNow(): void;
  dispose(): void;
}

/**
 * Has a library compute a few small convolutions in whole numbers, and sums them up here: oneDNN 3.7 gives other numbers on
 * a Zen 5, with AVX-512 and AVX2 alike, and says nothing.
 *
 * @throws RegnetError for a library that computes wrongly on this processor
 */
export function expectSound(
  { version, instructionSet, bf16 }: Pick<Dnn, "version" | "instructionSet" | "bf16">,
  compile: (graph: Graph, options: CompileOptions) => Runnable,
): void {
  for (const trial of TRIALS) {
    if (trial.precision === "bf16" && !bf16) continue;
    if (isRight(trial, compile)) continue;
    const [, , window] = trial.weights;
    const what = `${trial.pass === "gradient" ? "the gradient of a" : "a"} ${window}×${window} convolution in ${trial.precision}`;
    const remedy = "use oneDNN 2.6 or 2.7 (REGNET_ONEDNN=libdnnl.so.2), or the engine onnxruntime";
    throw new RegnetError(
      `unsupported oneDNN ${version}: it computes ${what} wrongly on this processor (${instructionSet}); ${remedy}`,
      "unsupported",
      "onednn",
    );
  }
}

function isRight(trial: Trial, compile: (graph: Graph, options: CompileOptions) => Runnable): boolean {
  const { precision, pass, stride } = trial;
  const places = placesOf(trial);
  const y = [trial.x[0], trial.weights[0], ...places];
  const [from, to] = pass === "forward" ? [trial.x, y] : [y, trial.x];
  const builder = new GraphBuilder(trial.x[0]);
  const source = builder.input("source", from);
  const weights = builder.parameter("weights", trial.weights, "weight", { kind: "constant", value: 0 });
  const attributes = { stride, padding: 0, groups: 1 };
  const result =
    pass === "forward"
      ? builder.one(op.conv2d, [source, weights], attributes, "trial")
      : builder.one(op.conv2dBackwardData, [source, weights], { ...attributes, size: trial.x.slice(2) }, "trial");
  builder.output("result", result);
  const [image, kernel] = [wholeNumbers(size(from), 0.7), wholeNumbers(size(trial.weights), 1.7)];
  // Where the library has only slow kernels, they are tried, too: whether they are good enough is not asked here.
  const options = { threads: 1, precision, state: { weights: kernel }, acceptReference: ["trial"] };
  const executable = compile(builder.build(), options);
  try {
    executable.input("source").set(image);
    executable.runNow();
    const wanted = summedUp(trial, places, image, kernel, size(to));
    // Bfloat16 rounds the sums to eight bits.
    return executable.output("result").every((value, i) => Math.abs(value - wanted[i]) <= Math.abs(wanted[i]) / 128);
  } finally {
    executable.dispose();
  }
}

function placesOf({ x, weights, stride }: Trial): number[] {
  return [2, 3].map((axis) => Math.floor((x[axis] - weights[axis]) / stride) + 1);
}

/** From -4 to 4: exact in every precision. */
function wholeNumbers(count: number, step: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.round(4 * Math.sin(step * i)));
}

function summedUp(
  { pass, x: [images, inputs, height, width], weights: [outputs, , rows, columns], stride }: Trial,
  [high, wide]: readonly number[],
  source: Float32Array,
  kernel: Float32Array,
  length: number,
): Float64Array {
  const sums = new Float64Array(length);
  for (let y = 0; y < images * outputs * high * wide; y++) {
    const [column, row] = [y % wide, Math.floor(y / wide) % high];
    const channel = Math.floor(y / (wide * high));
    const [output, image] = [channel % outputs, Math.floor(channel / outputs)];
    for (let tap = 0; tap < inputs * rows * columns; tap++) {
      const [right, down, input] = [tap % columns, Math.floor(tap / columns) % rows, Math.floor(tap / columns / rows)];
      const x = ((image * inputs + input) * height + row * stride + down) * width + column * stride + right;
      const weight = kernel[output * inputs * rows * columns + tap];
      if (pass === "forward") sums[y] += source[x] * weight;
      else sums[x] += source[y] * weight;
    }
  }
  return sums;
}
