import type { Random } from "../../data/random.js";
import { identity, transform } from "../affine.js";
import type { Canvas } from "../canvas.js";
import { brightness, contrast, saturation, sharpness } from "../colour/blend.js";
import { autoContrast, equalise, pointwise } from "../colour/histogram.js";

/** Changes a canvas with a severity of 0…1. */
export type RandOp = (canvas: Canvas, severity: number, random: Random) => void;

const MAX_DEGREES = 30;
const MAX_SHEAR = 0.3;
const MAX_SHIFT = 0.45;
const MAX_CHANGE = 0.9;

/** The set whose every member grows stronger with the severity. */
export const randOps: Readonly<Record<string, RandOp>> = {
  autoContrast,
  equalise,
  invert: (canvas) => pointwise(canvas, (value) => 255 - value),
  rotate: (canvas, severity, random) => rotate(canvas, signed(MAX_DEGREES * severity, random)),
  posterise: (canvas, severity) => posterise(canvas, 4 - Math.floor(4 * severity)),
  solarise: (canvas, severity) => {
    const threshold = 256 - Math.floor(256 * severity);
    pointwise(canvas, (value) => (value < threshold ? value : 255 - value));
  },
  solariseAdd: (canvas, severity) => {
    const added = Math.min(128, Math.floor(110 * severity));
    pointwise(canvas, (value) => (value < 128 ? value + added : value));
  },
  saturation: (canvas, severity, random) => saturation(canvas, factor(severity, random)),
  contrast: (canvas, severity, random) => contrast(canvas, factor(severity, random)),
  brightness: (canvas, severity, random) => brightness(canvas, factor(severity, random)),
  sharpness: (canvas, severity, random) => sharpness(canvas, factor(severity, random)),
  shearX: (canvas, severity, random) => transform(canvas, { ...identity, b: signed(MAX_SHEAR * severity, random) }),
  shearY: (canvas, severity, random) => transform(canvas, { ...identity, c: signed(MAX_SHEAR * severity, random) }),
  shiftX: (canvas, severity, random) =>
    transform(canvas, { ...identity, dx: signed(MAX_SHIFT * severity, random) * canvas.side }),
  shiftY: (canvas, severity, random) =>
    transform(canvas, { ...identity, dy: signed(MAX_SHIFT * severity, random) * canvas.side }),
};

function rotate(canvas: Canvas, degrees: number): void {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  transform(canvas, { ...identity, a: cos, b: -sin, c: sin, d: cos });
}

/** Keeps the highest bits of every value. */
function posterise(canvas: Canvas, bits: number): void {
  const mask = (0xff << (8 - bits)) & 0xff;
  pointwise(canvas, (value) => value & mask);
}

function factor(severity: number, random: Random): number {
  return Math.max(0.1, 1 + signed(MAX_CHANGE * severity, random));
}

function signed(amount: number, random: Random): number {
  return random.chance(0.5) ? amount : -amount;
}
