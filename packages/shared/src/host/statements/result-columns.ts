import type { StatementName } from './statement-parameters.ts';

export interface ResultColumn {
  name: string;
  type: 'text' | 'numeric' | 'boolean';
  /** The statement may leave the column out. */
  optional?: true;
  /** The column may be null. A null in any other column makes the order unreadable. */
  nullable?: true;
}

const text = (name: string): ResultColumn => ({ name, type: 'text' });
const numeric = (name: string): ResultColumn => ({ name, type: 'numeric' });
const optionalText = (name: string): ResultColumn => ({ name, type: 'text', optional: true, nullable: true });

const noColumns: readonly ResultColumn[] = [];

/** The columns that each statement must return. A read returns no others; other columns of a write are ignored. */
export const resultColumns: Readonly<Record<StatementName, readonly ResultColumn[]>> = {
  order: [
    ...['order_key', 'tenant', 'store_id', 'order_number', 'currency'].map(text),
    ...['total', 'paid'].map(numeric),
    { name: 'payable', type: 'boolean', nullable: true },
    ...['customer_name', 'table_number', 'version', 'reason', 'order_id', 'order_type', 'metadata'].map(optionalText),
  ],
  items: [{ name: 'sku', type: 'text', nullable: true }, text('name'), numeric('quantity'), numeric('line_total'), optionalText('note')],
  charges: [text('kind'), numeric('amount'), { name: 'included', type: 'boolean' }],
  created: [text('host_payment_key')],
  paid: [optionalText('host_payment_key')],
  expired: noColumns,
  failed: noColumns,
  cancelled: noColumns,
  refunded: noColumns,
};
