import { storeIdPattern } from '@gateway/shared/runtime';
import { z } from 'zod';
import { fingerprintOf } from '../http/headers.ts';

const maxMoney = 1_000_000_000_000; // far above any bill, and 250 of them are still exact

const money = z.int().min(-maxMoney).max(maxMoney).meta({ description: 'Whole rupiah' });
const text = (max: number) => z.string().trim().max(max);
const optional = (max: number) => text(max).nullable().default(null);

const line = z.strictObject({
  sku: optional(64),
  name: text(200).min(1).meta({ example: 'Nasi goreng' }),
  quantity: z
    .number()
    .min(0.001)
    .max(999_999)
    .refine((value) => Math.round(value * 1_000) / 1_000 === value, 'must have at most three decimals')
    .meta({ description: 'At most three decimals', example: 2 }),
  unit_price: money.meta({ description: 'Whole rupiah', example: 25_000 }),
  total: money.meta({ description: 'Whole rupiah, after a discount of this line', example: 50_000 }),
  note: optional(200).meta({ description: 'For the kitchen', example: 'tidak pedas' }),
});

const signs = { discount: -1, service_charge: 1, tax: 1, delivery: 1, tip: 1, rounding: 0, other: 0 } as const;

const charge = z
  .strictObject({
    kind: z.enum(Object.keys(signs) as [keyof typeof signs, ...(keyof typeof signs)[]]),
    name: optional(200),
    amount: money.meta({ description: 'Whole rupiah; a `discount` is negative' }),
  })
  .refine(({ kind, amount }) => amount * signs[kind] >= 0, {
    path: ['amount'],
    error: 'must be negative for a discount, and not negative for a service_charge, a tax, a delivery or a tip',
  });

const maxMetadata = 20;

/** The body of an order: its lines and charges must sum to its total, which the route checks. */
export const orderBody = z
  .strictObject({
    number: text(64).min(1).meta({ description: 'What the guest and the kitchen see', example: 'A-12' }),
    table: optional(64).meta({ example: '7' }),
    type: z.enum(['dine_in', 'take_away', 'delivery']).nullable().default(null),
    note: optional(500),
    lines: z.array(line).max(200),
    charges: z.array(charge).max(50).default([]),
    total: money.min(0).meta({ description: 'Whole rupiah: the sum of the lines and charges', example: 50_000 }),
    metadata: z
      .record(text(40).min(1), text(200))
      .refine((metadata) => Object.keys(metadata).length <= maxMetadata, `must have at most ${maxMetadata} entries`)
      .default({})
      .meta({
        description: 'At most 20 texts of 200 characters, shown in payments and events. No personal data',
        example: { cashier: 'Sari' },
      }),
  })
  .meta({
    id: 'OrderBody',
    example: {
      number: 'A-12',
      table: '7',
      type: 'dine_in',
      note: null,
      lines: [{ sku: 'MKN-001', name: 'Nasi goreng', quantity: 2, unit_price: 25_000, total: 50_000, note: 'tidak pedas' }],
      charges: [{ kind: 'tax', name: 'PB1 10 %', amount: 5_000 }],
      total: 55_000,
      metadata: { cashier: 'Sari' },
    },
  });

const orderId = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ ~ -')
  .meta({ description: 'The id of the order in your system, unique within your tenant', example: '2026-03-02-A12' });
const storeId = z
  .string()
  .regex(storeIdPattern, 'must be 1 to 64 of A-Z a-z 0-9 _ . -')
  .meta({ description: 'A store exists from its first use', example: 'DPS-01' });

export const storePath = z.object({ store_id: storeId });
export const orderPath = storePath.extend({ order_id: orderId });

export const tenderBody = z
  .strictObject({
    method: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,31}$/, 'must be a word such as cash, debit, voucher')
      .meta({ description: 'How the money was taken', example: 'cash' }),
    amount: z.int().min(1).max(maxMoney).meta({ description: 'Whole rupiah, at most what is due', example: 20_000 }),
  })
  .meta({ id: 'Tender' });

/** Two bodies with the same fingerprint are the same order, in whatever order their metadata are written. */
export const orderFingerprint = ({ metadata, ...body }: z.output<typeof orderBody>): string =>
  fingerprintOf({ ...body, metadata: Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1)) });
