/** Widths against block index, as in the paper's figures. */
export interface WidthChart {
  /** Width of each block. */
  readonly widths: readonly number[];
  /** u_j of each block (eq. 2), where there is a line. */
  readonly line?: readonly number[];
}

export interface ChartSize {
  /** Columns of the terminal, the axis included. */
  readonly columns: number;
  readonly rows: number;
}

const AXIS = 7;
const STEP = "━";
const POINT = "·";
const BOTH = "┷";

/** The staircase of widths (━) with the line u_j (·); where both meet, ┷. */
export function drawWidths({ widths, line = [] }: WidthChart, { columns, rows }: ChartSize): string {
  const top = Math.max(...widths, ...line);
  const room = Math.max(8, columns - AXIS - 1);
  const shown = sample(widths.length, room);
  const span = Math.max(1, Math.min(4, Math.floor(room / shown.length)));
  const rowOf = (width: number) => Math.min(rows - 1, Math.max(0, Math.round((1 - width / top) * (rows - 1))));
  const grid = Array.from({ length: rows }, () => new Array<string>(shown.length * span).fill(" "));
  shown.forEach((block, i) => {
    grid[rowOf(widths[block])].fill(STEP, i * span, (i + 1) * span);
    if (line.length === 0) return;
    const row = grid[rowOf(line[block])];
    const at = i * span + Math.floor((span - 1) / 2);
    row[at] = row[at] === STEP ? BOTH : POINT;
  });
  return [
    ...grid.map((cells, row) => `${label(row, rows, top)}${cells.join("").trimEnd()}`),
    axis(widths.length, shown.length, span),
  ].join("\n");
}

/** Every block, or as many as there is room for. */
function sample(blocks: number, room: number): number[] {
  const count = Math.min(blocks, room);
  return Array.from({ length: count }, (_, i) => Math.floor((i * blocks) / count));
}

function label(row: number, rows: number, top: number): string {
  const marked = row % 3 === 0 || row === rows - 1;
  const value = Math.round(top * (1 - row / (rows - 1)));
  return `${(marked ? String(value) : "").padStart(AXIS - 2)} ${marked ? "┤" : "│"}`;
}

function axis(blocks: number, shown: number, span: number): string {
  const line = `${" ".repeat(AXIS - 1)}└${"─".repeat(shown * span)}`;
  const gap = " ".repeat(Math.max(1, (shown - 1) * span - 1));
  return `${line}\n${" ".repeat(AXIS)}${shown > 1 ? `1${gap}${blocks}` : "1"}  block`;
}
