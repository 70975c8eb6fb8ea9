/** Rows in columns as wide as their widest; numbers and dates as they are read. `empty` is said when there are none. */
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

/** What somebody else wrote must not move the cursor of who reads it. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return (value instanceof Date ? value.toISOString() : String(value)).replace(control, ' ');
}
