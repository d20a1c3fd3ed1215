import { invalid, type Shape, size } from "@regnet/core";

const RGB = 3;

/**
 * An input convolution for RGB as one for other channels, by timm's rule: for one channel the sum over RGB; for n
 * channels RGB repeated, times 3 ÷ n.
 * @param shape [outputs, n, height, width]
 */
export function adaptInput(values: Float32Array, shape: Shape, note: (text: string) => void): Float32Array {
  const [outputs, channels, height, width] = shape;
  const area = height * width;
  if (values.length !== outputs * RGB * area) {
    throw invalid(
      "weights of the input convolution",
      values.length,
      `${outputs * RGB * area} for RGB or ${size(shape)}`,
    );
  }
  note(`the input convolution is adapted from RGB to ${channels} channel${channels === 1 ? "" : "s"}`);
  const adapted = new Float32Array(size(shape));
  for (let o = 0; o < outputs; o++) {
    const source = (c: number, i: number) => values[(o * RGB + c) * area + i];
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < area; i++) {
        adapted[(o * channels + c) * area + i] =
          channels === 1 ? source(0, i) + source(1, i) + source(2, i) : source(c % RGB, i) * (RGB / channels);
      }
    }
  }
  return adapted;
}
