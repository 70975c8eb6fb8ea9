import type { StatementName } from './statement-parameters.ts';

export interface ResultColumn {
  name: string;
  type: 'text' | 'numeric' | 'boolean';
  /** The statement need not have it. */
  optional?: true;
  /** A null is an answer. Elsewhere it refuses the order and is named. */
  nullable?: true;
}

const text = (name: string): ResultColumn => ({ name, type: 'text' });
const numeric = (name: string): ResultColumn => ({ name, type: 'numeric' });
const optionalText = (name: string): ResultColumn => ({ name, type: 'text', optional: true, nullable: true });

const noColumns: readonly ResultColumn[] = [];

/** What each statement must return. Reads return nothing else; what else a write returns is not looked at. */
export const resultColumns: Readonly<Record<StatementName, readonly ResultColumn[]>> = {
  order: [
    ...['order_key', 'tenant', 'store_id', 'order_number', 'currency'].map(text),
    ...['total', 'paid'].map(numeric),
    { name: 'payable', type: 'boolean', nullable: true },
    ...['customer_name', 'table_number', 'version', 'reason'].map(optionalText),
  ],
  items: [{ name: 'sku', type: 'text', nullable: true }, text('name'), numeric('quantity'), numeric('line_total')],
  charges: [text('kind'), numeric('amount'), { name: 'included', type: 'boolean' }],
  created: [text('host_payment_key')],
  paid: [optionalText('host_payment_key')],
  expired: noColumns,
  failed: noColumns,
  cancelled: noColumns,
  refunded: noColumns,
};
