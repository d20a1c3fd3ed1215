/** A column of a table for the terminal. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Text is set left, numbers right (default). */
  readonly left?: boolean;
}

/** Rows under their titles, columns two spaces apart. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row.map((text, i) => (columns[i].left ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join("  ");
  return cells.map((row) => line(row).trimEnd()).join("\n");
}
