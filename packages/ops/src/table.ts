/** Rows in aligned columns. Returns `empty` when there are no rows. */
export function table<Row>(rows: readonly Row[], columns: Readonly<Record<string, (row: Row) => unknown>>, empty: string): string {
  if (rows.length === 0) return empty;
  const heads = Object.keys(columns);
  const lines = [heads, ...rows.map((row) => Object.values(columns).map((cell) => textOf(cell(row))))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
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
