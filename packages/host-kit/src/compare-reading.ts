import type { PayableRead } from '@gateway/shared/host';
import { type Bill, providerItems } from '@gateway/shared/payment';
import Big from 'big.js';
import type { ExpectedOrder } from './expectations.ts';

type Value = string | number | boolean | null | undefined;
type Row = Readonly<Record<string, Value>>;

/** The fields in which an order differs from the expectation: one message each. Fields without an expectation are ignored. */
export function differencesOf({ order, lines, charges }: PayableRead, bill: Bill, expected: ExpectedOrder): string[] {
  const { lines: expectedLines, charges: expectedCharges, items: expectedItems, metadata, ...fields } = expected;
  const found: Row = {
    order_key: order.orderKey,
    store_id: order.storeId,
    order_number: order.orderNumber,
    customer_name: order.customerName,
    table_number: order.tableNumber,
    order_id: order.orderId ?? order.orderKey,
    order_type: order.orderType,
    version: order.version,
    total: order.total,
    paid: order.paid,
    due: bill.due,
    amount: bill.amount,
    residue: bill.residue,
    recorded: bill.recordAmount,
  };
  const lists: [string, readonly Row[], readonly Row[] | undefined][] = [
    ['line', lines.map(({ lineTotal: line_total, ...line }) => ({ ...line, line_total })), expectedLines],
    ['charge', charges.map((charge) => ({ ...charge })), expectedCharges],
    ['item', providerItems(bill).map((item) => ({ ...item })), expectedItems],
  ];
  return [
    ...fieldDifferences(found, fields as Row, ''),
    ...(metadata ? fieldDifferences(order.metadata ?? {}, metadata, 'metadata: ') : []),
    ...lists.flatMap(([label, rows, expectedRows]) => (expectedRows ? rowDifferences(label, rows, expectedRows) : [])),
  ];
}

/** Compares rows one by one. Columns without an expectation are ignored. */
export function rowDifferences(label: string, found: readonly Row[], expected: readonly Row[]): string[] {
  if (found.length !== expected.length) return [`${found.length} ${label}s, not ${expected.length}: ${JSON.stringify(found)}`];
  return expected.flatMap((row, index) => fieldDifferences(found[index] ?? {}, row, `${label} ${index + 1}: `));
}

function fieldDifferences(found: Row, expected: Row, prefix: string): string[] {
  return Object.entries(expected)
    .filter(([name, value]) => !isSame(found[name], value))
    .map(([name, value]) => (name in found ? `${prefix}${name} is ${found[name]}, not ${value}` : `${prefix}there is no ${name}`));
}

const decimal = /^-?\d+(\.\d+)?$/;

/** YAML has numbers and booleans where PostgreSQL has text: 35772.5 equals 35772.5000, and true equals t. */
function isSame(found: Value, expected: Value): boolean {
  if (found === null || expected === null || found === undefined) return found === expected;
  const [a, b] = [textOf(found), textOf(expected)];
  return a === b || (typeof expected === 'number' && decimal.test(a) && new Big(a).eq(b));
}

const textOf = (value: Value): string => (value === true ? 't' : value === false ? 'f' : String(value));
