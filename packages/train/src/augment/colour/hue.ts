import type { Canvas } from "../canvas.js";

/** Turns every pixel's hue, in HSV, by a share of the colour circle. */
export function hue({ data, area, channels }: Canvas, turn: number): void {
  if (channels === 1) return;
  for (let i = 0; i < area; i++) {
    const [r, g, b] = [data[i], data[area + i], data[2 * area + i]];
    const value = Math.max(r, g, b);
    const chroma = value - Math.min(r, g, b);
    if (chroma === 0) continue;
    const sector = (sectorOf(r, g, b, value, chroma) + 6 * turn + 12) % 6;
    data[i] = component(5, sector, value, chroma);
    data[area + i] = component(3, sector, value, chroma);
    data[2 * area + i] = component(1, sector, value, chroma);
  }
}

/** Hue in sixths of the circle, from −1 on. */
function sectorOf(r: number, g: number, b: number, value: number, chroma: number): number {
  if (value === r) return (g - b) / chroma;
  if (value === g) return 2 + (b - r) / chroma;
  return 4 + (r - g) / chroma;
}

/** Red (n = 5), green (3) or blue (1) of a colour in HSV. */
function component(n: number, sector: number, value: number, chroma: number): number {
  const k = (n + sector) % 6;
  return value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
}
