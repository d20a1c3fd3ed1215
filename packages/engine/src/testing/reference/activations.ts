import { erf } from "./erf.js";
import type { Kernel } from "./kernel.js";
import { map } from "./tensor.js";

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const normalCdf = (x: number) => 0.5 * (1 + erf(x * Math.SQRT1_2));
const normalDensity = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

function siluSlope(x: number): number {
  const s = logistic(x);
  return s + x * s * (1 - s);
}

export const activations: Readonly<Record<string, Kernel>> = {
  relu: ([x]) => [map((v) => Math.max(v, 0), x)],
  reluBackward: ([dy, y]) => [map((d, v) => (v > 0 ? d : 0), dy, y)],
  sigmoid: ([x]) => [map(logistic, x)],
  sigmoidBackward: ([dy, y]) => [map((d, v) => d * v * (1 - v), dy, y)],
  silu: ([x]) => [map((v) => v * logistic(v), x)],
  siluBackward: ([dy, x]) => [map((d, v) => d * siluSlope(v), dy, x)],
  gelu: ([x]) => [map((v) => v * normalCdf(v), x)],
  geluBackward: ([dy, x]) => [map((d, v) => d * (normalCdf(v) + v * normalDensity(v)), dy, x)],
};
