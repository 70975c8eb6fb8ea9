import { parseRupiah, type Rupiah } from './rupiah.ts';

/** The parsed text of a QRIS picture. Values come from the provider: at most 99 bytes each, not cleaned for display. */
export interface QrisText {
  /** Every field of the outer level, by its two-digit tag. Templates (26 to 51, 62) are not parsed, because no check needs them. */
  fields: ReadonlyMap<string, string>;
  /** The checksum in the text, and the correct one. */
  crc: { stated: string; computed: string };
  /** True when tag 01 says that the QR is for one use. No decision depends on it: the amount protects the payer. */
  isDynamic: boolean;
  merchantName: string | null;
  merchantCity: string | null;
  /** Tag 54 when it is whole rupiah: `150000` or `150000.00`. Null when the tag is absent, so that the payer types the amount, or is anything else. */
  amount: Rupiah | null;
  /** Tags 55 to 57. With a tip the payer's app may take more than `amount`. Null: no tip. */
  tip: { indicator: string | null; fixed: string | null; percent: string | null } | null;
}

export const qrisProblems = ['unparseable', 'crc', 'currency', 'country', 'amount'] as const;
export type QrisProblem = (typeof qrisProblems)[number];

export type QrisVerdict =
  | { ok: true; parsed: true; qris: QrisText }
  /** Test mode only, with a warning: sandboxes answer with text that is not a QR. */
  | { ok: true; parsed: false }
  /** The QR must not be shown. The discrepancy shows `expected` and `found` to the operator. */
  | { ok: false; problem: QrisProblem; expected: string; found: string | null };

const maxBytes = 512; // EMV's own bound. Source: EMV QR Code Specification for Payment Systems, Merchant-Presented Mode, 1.1
const crcLength = 4;
const maxAmountLength = 13; // Source: the QRIS field table (providers.md 4)

/**
 * Checks that a QR is the requested one, before a payer can see it.
 *
 * A wrong checksum, currency, country or amount is refused in both modes. Text that is not a QR is refused in live mode, and allowed
 * with `parsed: false` in test mode. Pure; never throws.
 */
export function checkQris(text: string, { amount, mode }: { amount: Rupiah; mode: 'test' | 'live' }): QrisVerdict {
  const qris = parseQris(text);
  if (!qris) return mode === 'test' ? { ok: true, parsed: false } : refused('unparseable', 'EMV text', null);
  const { crc, fields } = qris;
  const found = (tag: string) => fields.get(tag) ?? null;
  if (crc.stated !== crc.computed) return refused('crc', crc.computed, crc.stated);
  if (found('53') !== '360') return refused('currency', '360', found('53'));
  if (found('58') !== 'ID') return refused('country', 'ID', found('58'));
  if (qris.amount !== amount) return refused('amount', String(amount), found('54'));
  return { ok: true, parsed: true, qris };
}

const refused = (problem: QrisProblem, expected: string, found: string | null): QrisVerdict => ({ ok: false, problem, expected, found });

/**
 * Reads EMV text: a sequence of tag, length and value; lengths count bytes of UTF-8. Null for anything else: a length past the end, a
 * tag twice, tag 00 not first, tag 63 not last, or more than 512 bytes. A wrong checksum is returned and not judged.
 */
export function parseQris(text: string): QrisText | null {
  if (text.length > maxBytes || !text.isWellFormed()) return null; // checked before the text is copied: hostile text may have megabytes
  const bytes = Buffer.from(text, 'utf8');
  const fields = bytes.length > maxBytes ? null : fieldsOf(bytes);
  if (!fields) return null;
  const tags = [...fields.keys()];
  const stated = fields.get('63');
  if (tags[0] !== '00' || fields.get('00') !== '01' || tags.at(-1) !== '63' || stated?.length !== crcLength) return null;
  return {
    fields,
    crc: { stated, computed: crc16(bytes.subarray(0, -crcLength)) },
    isDynamic: fields.get('01') === '12',
    merchantName: fields.get('59') ?? null,
    merchantCity: fields.get('60') ?? null,
    amount: amountOf(fields.get('54')),
    tip: tipOf(fields),
  };
}

/** The fields of the outer level in the order of the text. Null: not EMV text. */
function fieldsOf(bytes: Buffer): Map<string, string> | null {
  const fields = new Map<string, string>();
  for (let offset = 0; offset < bytes.length; ) {
    const head = /^(\d\d)(\d\d)$/.exec(bytes.toString('latin1', offset, offset + 4));
    if (!head) return null; // also after a length that counts characters instead of bytes
    const [tag, length] = [String(head[1]), Number(head[2])];
    const value = bytes.subarray(offset + 4, offset + 4 + length);
    if (value.length < length || fields.has(tag)) return null;
    fields.set(tag, value.toString('utf8'));
    offset += 4 + length;
  }
  return fields;
}

const amountOf = (text: string | undefined): Rupiah | null =>
  text !== undefined && text.length <= maxAmountLength ? parseRupiah(text) : null;

function tipOf(fields: ReadonlyMap<string, string>): QrisText['tip'] {
  const tip = { indicator: fields.get('55') ?? null, fixed: fields.get('56') ?? null, percent: fields.get('57') ?? null };
  return Object.values(tip).every((value) => value === null) ? null : tip;
}

/** CRC-16/CCITT-FALSE (polynomial 0x1021, from 0xFFFF, nothing reflected) as four upper-case hex digits. */
export function crc16(bytes: Uint8Array): string {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(crcLength, '0');
}
