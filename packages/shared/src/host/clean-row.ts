import { cleanText, cutText, isCleanLine } from '../runtime/index.ts';
import type { TextRow } from './host-order.ts';

/** The host or the caller receives them again, so they stay exactly as they came. `metadata` is JSON, and its texts are cleaned where it is read. */
const exactColumns: ReadonlySet<string> = new Set(['order_key', 'order_id', 'tenant', 'version', 'host_payment_key', 'metadata']);

/** UTF-16 units of one text: a note is shorter, and 64 kB in a name would be in every event of its payment. */
const maxLength = 1_000;

/**
 * A row of a host whose texts may be stored, sent and shown: names, numbers, notes and outlet codes without blanks around them and without
 * control characters, at most 1,000 characters long. Line breaks stay. Keys stay as they are.
 */
export function cleanRow(row: TextRow): TextRow {
  const isClean = Object.entries(row).every(([column, text]) => text === null || exactColumns.has(column) || isCleanText(text));
  if (isClean) return row; // most rows: nothing is copied while a till waits
  return Object.fromEntries(
    Object.entries(row).map(([column, text]) => [
      column,
      text === null || exactColumns.has(column) ? text : cutText(cleanText(text), maxLength),
    ]),
  );
}

const isCleanText = (text: string): boolean => text.length <= maxLength && isCleanLine(text) && text.trim().length === text.length;
