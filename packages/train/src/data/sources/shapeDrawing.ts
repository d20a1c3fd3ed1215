import type { Random } from "../random.js";

/** Side of a drawing in pixels. */
export const SHAPES_SIDE = 32;

/** Whether a point lies within a shape of radius 1 about the origin. */
type Inside = (x: number, y: number) => boolean;

const shapes: Readonly<Record<string, Inside>> = {
  circle: (x, y) => x * x + y * y < 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.78,
  triangle: (x, y) => polygon(x, y, 3) < 0.5,
  hexagon: (x, y) => polygon(x, y, 6) < Math.cos(Math.PI / 6),
  star: (x, y) => starRadius(Math.atan2(x, y)) > Math.hypot(x, y),
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.28 && Math.max(Math.abs(x), Math.abs(y)) < 0.95,
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.76) < 0.24,
  crescent: (x, y) => x * x + y * y < 1 && (x - 0.45) ** 2 + y * y > 0.7,
  heart: (x, y) => (1.44 * x * x + 1.44 * y * y - 1) ** 3 < 2.5 * x * x * y ** 3,
  arrow: (x, y) => (y < 0.1 && y > -0.95 && Math.abs(x) < 0.26) || (y >= 0.1 && Math.abs(x) < 0.85 * (1 - y)),
};

/** The classes, in order. */
export const shapeNames: readonly string[] = Object.keys(shapes);

/** Distance from the centre measured towards the nearest side of a regular polygon. */
function polygon(x: number, y: number, sides: number): number {
  const sector = (2 * Math.PI) / sides;
  const angle = Math.atan2(x, y);
  return Math.hypot(x, y) * Math.cos(angle - sector * Math.round(angle / sector));
}

/** Distance from the centre to the outline of a five-pointed star, in a direction. */
function starRadius(angle: number): number {
  const [sector, inner] = [(2 * Math.PI) / 5, 0.42];
  const within = Math.abs(angle - sector * Math.round(angle / sector));
  const [cos, sin] = [Math.cos(within), Math.sin(within)];
  const [px, py] = [inner * Math.cos(sector / 2), inner * Math.sin(sector / 2)];
  return py / (cos * py + sin * (1 - px));
}

type Colour = readonly [number, number, number];

interface Placed {
  readonly inside: Inside;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly angle: number;
  readonly colour: Colour;
  readonly opacity: number;
}

/** Bytes 3×32×32: one shape over a background of gradient, clutter and noise. */
export function drawShape(label: number, random: Random): Uint8Array {
  const canvas = new Float32Array(3 * SHAPES_SIDE * SHAPES_SIDE);
  const ground = dimColour(random);
  drawGradient(canvas, ground, random);
  const clutter = 2 + random.integer(5);
  for (let i = 0; i < clutter; i++) stamp(canvas, clutterPiece(random));
  const radius = random.uniform(6, 13);
  const reach = SHAPES_SIDE / 2 - 0.75 * radius;
  stamp(canvas, {
    inside: shapes[shapeNames[label]],
    x: SHAPES_SIDE / 2 + random.uniform(-reach, reach),
    y: SHAPES_SIDE / 2 + random.uniform(-reach, reach),
    radius,
    angle: random.uniform(-Math.PI, Math.PI),
    colour: lighter(ground, random),
    opacity: random.uniform(0.75, 1),
  });
  if (random.chance(0.5)) stamp(canvas, { ...clutterPiece(random), radius: random.uniform(1.5, 3.5) });
  return finish(canvas, random);
}

function drawGradient(canvas: Float32Array, ground: Colour, random: Random): void {
  const area = SHAPES_SIDE * SHAPES_SIDE;
  const slopes = Array.from({ length: 6 }, () => random.uniform(-2, 2));
  for (let i = 0; i < area; i++) {
    const [x, y] = [(i % SHAPES_SIDE) - SHAPES_SIDE / 2, Math.floor(i / SHAPES_SIDE) - SHAPES_SIDE / 2];
    for (let c = 0; c < 3; c++) canvas[c * area + i] = ground[c] + slopes[c] * x + slopes[3 + c] * y;
  }
}

/** A bar or a blob, of no class. */
function clutterPiece(random: Random): Placed {
  const thickness = random.uniform(0.08, 0.9);
  const blob = random.chance(0.4);
  return {
    inside: blob
      ? (x, y) => x * x + (y / thickness) ** 2 < 1
      : (x, y) => Math.abs(y) < 0.3 * thickness && Math.abs(x) < 1,
    x: random.uniform(0, SHAPES_SIDE),
    y: random.uniform(0, SHAPES_SIDE),
    radius: blob ? random.uniform(2, 6) : random.uniform(4, 16),
    angle: random.uniform(-Math.PI, Math.PI),
    colour: randomColour(random),
    opacity: random.uniform(0.4, 1),
  };
}

function randomColour(random: Random): Colour {
  return [random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)];
}

/** So dim that there are colours enough that are lighter. */
function dimColour(random: Random): Colour {
  return [random.uniform(0, 153), random.uniform(0, 153), random.uniform(0, 153)];
}

/**
 * A colour that is lighter than the background, and can be told from it. Were the shape as often the darker one, a small
 * network would see next to nothing in the first thousand steps: every edge would have to be learnt with either sign.
 */
function lighter(ground: Colour, random: Random): Colour {
  for (;;) {
    const colour = randomColour(random);
    const steps = colour.map((value, c) => value - ground[c]);
    if (Math.hypot(...steps) > 110 && steps[0] + steps[1] + steps[2] > 80) return colour;
  }
}

const SUBSAMPLES = 3;
/** How far a shape reaches, in radii: the heart's lobes the furthest, then the square's corners. */
const REACH = 1.2;

/** Draws one piece, with soft edges. */
function stamp(canvas: Float32Array, piece: Placed): void {
  const area = SHAPES_SIDE * SHAPES_SIDE;
  const clamp = (value: number) => Math.max(0, Math.min(SHAPES_SIDE, value));
  const reach = REACH * piece.radius;
  const [top, bottom] = [clamp(Math.floor(piece.y - reach)), clamp(Math.ceil(piece.y + reach))];
  const [left, right] = [clamp(Math.floor(piece.x - reach)), clamp(Math.ceil(piece.x + reach))];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const share = coverage(piece, x, y) * piece.opacity;
      if (share === 0) continue;
      const i = y * SHAPES_SIDE + x;
      for (let c = 0; c < 3; c++) canvas[c * area + i] += share * (piece.colour[c] - canvas[c * area + i]);
    }
  }
}

/** Share of a pixel that a piece covers. */
function coverage({ inside, x, y, radius, angle }: Placed, column: number, row: number): number {
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius];
  let hits = 0;
  for (let i = 0; i < SUBSAMPLES * SUBSAMPLES; i++) {
    const dx = column + ((i % SUBSAMPLES) + 0.5) / SUBSAMPLES - x;
    const dy = row + (Math.floor(i / SUBSAMPLES) + 0.5) / SUBSAMPLES - y;
    if (inside(cos * dx + sin * dy, cos * dy - sin * dx)) hits++;
  }
  return hits / (SUBSAMPLES * SUBSAMPLES);
}

function finish(canvas: Float32Array, random: Random): Uint8Array {
  const noise = random.uniform(2, 14);
  return new Uint8Array(Uint8ClampedArray.from(canvas, (value) => value + noise * random.normal()));
}
