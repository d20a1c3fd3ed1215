import type { Image } from "./image.js";
import { withChannels } from "./reduce.js";

/** The image as side×side grey cells, each the mean of the pixels whose centres it holds (or the nearest pixel). */
export function thumbnail(image: Image, side: number): Uint8Array {
  const { data, height, width } = withChannels(image, 1);
  const cells = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    const [top, bottom] = span(y, side, height);
    for (let x = 0; x < side; x++) {
      const [left, right] = span(x, side, width);
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        for (let i = row * width + left; i < row * width + right; i++) sum += data[i];
      }
      cells[y * side + x] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return cells;
}

function span(cell: number, cells: number, length: number): [number, number] {
  const from = Math.floor((cell * length) / cells);
  return [from, Math.max(from + 1, Math.floor(((cell + 1) * length) / cells))];
}
