import type { HostCharge, HostLine } from '../payment/index.ts';
import { cleanRow } from './clean-row.ts';
import type { HostFolder } from './host-folder.ts';
import { chargeOf, type HostOrder, lineOf, type TextRow } from './host-order.ts';
import type { HostReads } from './host-reads.ts';
import type { HostStatement } from './host-statement.ts';
import { hashOf, type SqlPart, sqlPart } from './statements/composed-statement.ts';
import type { HostDemand } from './statements/one-statement.ts';
import { splitStatement } from './statements/split-statement.ts';
import { type HostWrite, type HostWriteName, valuesFor } from './statements/statement-parameters.ts';
import { withoutLock } from './statements/without-lock.ts';

/**
 * The statements of a host as parts of larger statements, so that a payment takes few of them. A read as a part is a subquery whose rows
 * come as one JSON text. When a composed statement fails, the statements are run one by one in a new transaction: `HostOrders` then tells
 * what failed.
 */
export interface HostParts {
  /** `order.sql` as it is written, which locks the order. */
  lockedOrder(order: { orderKey: string; tenant: string }): SqlPart;
  /** `order.sql` without its lock. */
  order(order: { orderKey: string; tenant: string }): SqlPart;
  lines(order: { orderKey: string }): SqlPart;
  charges(order: { orderKey: string }): SqlPart;
  /** Null: the host has no such statement, or it cannot be a part (`whyAlone`). */
  write(name: HostWriteName, values: HostWrite): HostDemand | null;
  /** The order in the JSON of `order`. Null and errors as in `HostOrders.lockOrder`. */
  orderIn(json: string, tenant: string): HostOrder | null;
  /** @throws OrderUnreadable */
  linesIn(json: string): HostLine[];
  /** @throws OrderUnreadable */
  chargesIn(json: string): HostCharge[];
}

/** What it costs a payment when the statement cannot be a part. */
const costAlone = {
  created: 'two more statements and one more round trip',
  paid: 'about ten more statements and one more round trip',
} as const;

/** The writes of a host that run alone, because they cannot be a part of a larger statement: for each a sentence that says why, and the cost. */
export function whyAlone({ statements }: Pick<HostFolder, 'statements'>): ReadonlyMap<HostWriteName, string> {
  const reasons = new Map<HostWriteName, string>();
  for (const name of ['created', 'paid'] as const) {
    const statement = statements[name];
    const split = statement ? splitStatement(statement.text) : null;
    if (statement && typeof split === 'string')
      reasons.set(name, `${statement.file} runs alone, because ${split}: it costs each payment ${costAlone[name]}`);
  }
  return reasons;
}

/** All rows of a subquery as one JSON text; an empty list when there are none. */
export const rowsAsJson = (subquery: string): string => `(select coalesce(json_agg(r), '[]')::text from (${subquery}\n) r)`;

const nothing = sqlPart('no rows', 'select from (select) r where false');

export function hostParts({ id, statements }: Pick<HostFolder, 'id' | 'statements'>, reads: HostReads): HostParts {
  const { order: orderSql, items: itemsSql, charges: chargesSql } = statements;
  const unlockedSql = withoutLock(orderSql);
  const labelOf = (statement: HostStatement): string => `${id}/${statement.name}:${hashOf(statement.source)}`;
  const labels = new Map([orderSql, unlockedSql, ...Object.values(statements)].map((each) => [each, labelOf(each)]));
  const alone = whyAlone({ statements });

  const part = (statement: HostStatement, values: Parameters<typeof valuesFor>[1]): SqlPart => ({
    label: labels.get(statement) as string,
    textFrom: statement.textFrom,
    values: valuesFor(statement.parameters, values),
  });

  return {
    lockedOrder: ({ orderKey: orderId, tenant }) => part(orderSql, { orderId, tenant }),
    order: ({ orderKey: orderId, tenant }) => part(unlockedSql, { orderId, tenant }),
    lines: ({ orderKey }) => part(itemsSql, { orderKey }),
    charges: ({ orderKey }) => (chargesSql ? part(chargesSql, { orderKey }) : nothing),
    write: (name, values) => {
      const statement = statements[name];
      return statement && !alone.has(name) ? { part: part(statement, values), needsKey: name === 'created' } : null;
    },
    orderIn: (json, tenant) => reads.orderOfRows(rowsIn(json), tenant),
    linesIn: (json) => rowsIn(json).map((row) => lineOf(row, itemsSql)),
    chargesIn: (json) => (chargesSql ? rowsIn(json).map((row) => chargeOf(row, chargesSql)) : []),
  };
}

const rowsIn = (json: string): TextRow[] => (JSON.parse(json.replace(scalar, asPostgresText)) as TextRow[]).map(cleanRow);

// A string, a number or a boolean. The text is JSON of PostgreSQL, so a string never begins within another piece.
const scalar = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false/g;

/** Numbers keep every digit that PostgreSQL wrote, and booleans are written as it writes them outside JSON. */
function asPostgresText(piece: string): string {
  if (piece.startsWith('"')) return piece;
  if (piece === 'true') return '"t"';
  return piece === 'false' ? '"f"' : `"${piece}"`;
}
