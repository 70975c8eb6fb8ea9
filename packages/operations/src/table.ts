import { columnTitles } from './column-titles.ts';
import { same, type Words } from './words.ts';

/** What a cell shows: a page shows a time as the clocks of the store do. */
export type Cell = string | Date | Words;

/** Rows of texts under the heads of their columns. */
export interface Table {
  columns: readonly Words[];
  rows: readonly (readonly Cell[])[];
  /** Shown instead when there are no rows. */
  empty: Words;
}

type ColumnTitle = keyof typeof columnTitles;

/** The table of these rows. */
export function table<Row>(
  rows: readonly Row[],
  columns: Readonly<Partial<Record<ColumnTitle, (row: Row) => unknown>>>,
  empty: Words,
): Table {
  const cells = Object.values(columns) as ((row: Row) => unknown)[];
  const titles = Object.keys(columns) as ColumnTitle[];
  return {
    columns: titles.map((en) => ({ en, id: columnTitles[en] })),
    rows: rows.map((row) => cells.map((cell) => cellOf(cell(row)))),
    empty,
  };
}

/** A table that only the command line shows. */
export const plainTable = <Row>(rows: readonly Row[], columns: Readonly<Record<string, (row: Row) => unknown>>, empty: string): Table => ({
  columns: Object.keys(columns).map(same),
  rows: rows.map((row) => Object.values(columns).map((cell) => cellOf(cell(row)))),
  empty: same(empty),
});

/** The table in aligned columns, for a terminal. */
export function renderTable({ columns, rows, empty }: Table): string {
  if (rows.length === 0) return empty.en;
  const lines = [columns, ...rows].map((line) => line.map(textOf));
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
const textOf = (cell: Cell): string =>
  (cell instanceof Date ? cell.toISOString() : typeof cell === 'string' ? cell : cell.en).replace(control, ' ');

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return '-';
  return value instanceof Date || isWords(value) ? value : String(value);
}

const isWords = (value: unknown): value is Words =>
  typeof value === 'object' && value !== null && typeof (value as Words).en === 'string' && typeof (value as Words).id === 'string';
