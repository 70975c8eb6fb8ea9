import { type HostProblem, placeOf } from './host-problem.ts';
import type { HostStatement } from './host-statement.ts';
import type { DescribedColumn } from './statements/describe-statement.ts';
import { type ResultColumn, resultColumns } from './statements/result-columns.ts';
import { reads } from './statements/statement-parameters.ts';
import { scan } from './statements/statement-scanner.ts';

/** Compares the columns that a statement would return with the columns that it must return, by name and type. */
export function checkColumns(statement: HostStatement, described: readonly DescribedColumn[]): HostProblem[] {
  const expected = resultColumns[statement.name];
  const isRead = (reads as readonly string[]).includes(statement.name);
  return [
    ...(described.length === 0
      ? [problem(statement, null, 'returns no rows, so it would always count as refused', 'Add `returning …`')]
      : []),
    ...expected.flatMap((column) => checkColumn(statement, column, described)),
    ...(isRead
      ? described.filter(({ name }) => !expected.some((column) => column.name === name)).map((column) => unknownColumn(statement, column))
      : []),
  ];
}

function checkColumn(
  statement: HostStatement,
  { name, type, optional }: ResultColumn,
  described: readonly DescribedColumn[],
): HostProblem[] {
  const [column, second] = described.filter((each) => each.name === name);
  if (second) return [problem(statement, name, `returns ${name} more than once`)];
  if (!column) return optional || described.length === 0 ? [] : [problem(statement, null, `must return a column ${name}`)];
  if (column.fits.has(type)) return [];
  return [problem(statement, name, `returns ${name} as ${column.type}, and it must be ${type}`, adviceFor(type, column.type))];
}

function adviceFor(type: ResultColumn['type'], found: string): string {
  if (type === 'boolean') return 'Write a condition, like (o.is_tax = 1)';
  if (type === 'numeric') return 'Cast it: ::numeric'; // float and money do not hold exact decimals
  return found === 'character' || found === 'bpchar' ? 'Cast it: ::text removes the padding' : 'Cast it: ::text';
}

function unknownColumn(statement: HostStatement, { name }: DescribedColumn): HostProblem {
  const known = resultColumns[statement.name].map((column) => column.name).join(', ');
  return problem(
    statement,
    name,
    `returns an unknown column ${name}: a misspelt optional column would be ignored`,
    `The columns are ${known}`,
  );
}

function problem(statement: HostStatement, column: string | null, message: string, advice?: string): HostProblem {
  const place = column === null ? { line: null, column: null } : placeOfName(statement, column);
  return { file: statement.file, ...place, message, ...(advice === undefined ? {} : { advice }) };
}

/** The place where a result column gets its name: usually the last place in the file where the name stands. */
function placeOfName({ source }: HostStatement, name: string): { line: number | null; column: number | null } {
  const spellings = [name, `"${name}"`];
  const token = scan(source).findLast(
    ({ start, end }) => spellings.includes(source.slice(start, end)) || source.slice(start, end).toLowerCase() === name,
  );
  return token ? placeOf(source, token.start) : { line: null, column: null };
}
