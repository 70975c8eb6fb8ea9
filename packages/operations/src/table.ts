/** Rows of texts under the heads of their columns. */
export interface Table {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** Shown instead when there are no rows. */
  empty: string;
}

/** The table of these rows. */
export function table<Row>(rows: readonly Row[], columns: Readonly<Record<string, (row: Row) => unknown>>, empty: string): Table {
  const cells = Object.values(columns);
  return { columns: Object.keys(columns), rows: rows.map((row) => cells.map((cell) => textOf(cell(row)))), empty };
}

/** The table in aligned columns, for a terminal. */
export function renderTable({ columns, rows, empty }: Table): string {
  if (rows.length === 0) return empty;
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const control = /\p{Cc}/gu;

/** Replaces control characters, because the text of another party must not control the operator's terminal. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return (value instanceof Date ? value.toISOString() : String(value)).replace(control, ' ');
}
