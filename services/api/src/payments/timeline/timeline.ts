import {
  eventReasons,
  isOpen,
  isScannable,
  type Payment,
  type PaymentEvent,
  providerUnreachableLimitMs,
  type Refund,
  type Rupiah,
} from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { type Language, type NextKey, type PastKey, past, upcoming } from './sentences.ts';

/** What the timeline of a payment is made from. */
export interface TimelineInput {
  payment: Payment;
  /** Oldest first. */
  events: readonly PaymentEvent[];
  refunds: readonly Refund[];
  /** When a deferred host write is retried; null when none is open. */
  hostRetryAt: Date | null;
  now: Date;
}

export interface TimelineLocale {
  language: Language;
  /** The host's time zone, as in `Asia/Jakarta`: times are shown as the clocks of the store show them. */
  timeZone: string;
}

export interface PastEntry {
  at: Date;
  key: PastKey;
  text: string;
}

export interface NextEntry {
  key: NextKey;
  /** Null: an operator decides when. */
  at: Date | null;
  text: string;
}

/** What happened, oldest first, in words. */
export function pastEntries({ payment, events }: TimelineInput, { language }: TimelineLocale): PastEntry[] {
  const { createdAt, cancelRequestedAt, cancelReason } = payment;
  const happened: { key: PastKey; at: Date; data?: Record<string, unknown> }[] = [
    { key: 'created', at: createdAt },
    ...(cancelRequestedAt && cancelReason ? [{ key: `hidden ${cancelReason}` as const, at: cancelRequestedAt }] : []),
    ...events.map((event) => ({ key: entryKey(event), at: new Date(event.occurred_at), data: event.data })),
  ];
  return happened
    .map(({ key, at, data = {} }) => ({ at, key, text: fillIn(past[key][language], valuesOf(payment, data, language)) }))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

function valuesOf(payment: Payment, data: Record<string, unknown>, language: Language): Record<string, string> {
  const issuer = typeof data.issuer === 'string' && data.issuer ? data.issuer : null;
  return {
    order: payment.orderNumber,
    amount: formatRupiah(payment.amount),
    received: formatRupiah(amountIn(data.received_amount) ?? payment.amount),
    refund: formatRupiah(amountIn(data.refund_amount) ?? payment.amount),
    issuer: issuer ? { id: ` lewat ${issuer}`, en: ` with ${issuer}` }[language] : '',
  };
}

/** The key of the sentence for an event, by its reason, policy or cause. Unknown: `refused` for a failed refund, else the type's first reason. */
export function entryKey({ type, data }: Pick<PaymentEvent, 'type' | 'data'>): PastKey {
  const reasons: readonly string[] = eventReasons[type];
  const reason = [data.reason, data.policy, data.cause].find((value) => reasons.includes(String(value)));
  return (reasons.length > 0 ? `${type} ${reason ?? (type === 'refund.failed' ? 'refused' : reasons[0])}` : type) as PastKey;
}

/** What happens next; null when the payment is final. */
export function nextEntry(input: TimelineInput, { language, timeZone }: TimelineLocale): NextEntry | null {
  const next = nextOf(input);
  if (!next) return null;
  const time = next.at ? clockTime(next.at, timeZone) : '';
  return { ...next, text: fillIn(upcoming[next.key][language], { time }) };
}

function nextOf({ payment, refunds, hostRetryAt, now }: TimelineInput): Omit<NextEntry, 'text'> | null {
  const { status, expiresAt, cancelRequestedAt, reviewSince, watchUntil, checkAt } = payment;
  const refund = refunds.find((each) => each.status === 'pending' && each.nextTryAt);
  const waiting = refunds.find((each) => each.status === 'pending' && each.approval && each.approval.decision === null);
  if (hostRetryAt) return { key: 'host', at: hostRetryAt };
  if (isOpen(payment) && reviewSince) return { key: 'review', at: null };
  if (isOpen(payment) && cancelRequestedAt) return { key: 'cancelling', at: plusMs(cancelRequestedAt, providerUnreachableLimitMs) };
  if (isScannable(payment, now)) return { key: 'scan', at: expiresAt };
  if (status === 'pending') return { key: 'closing', at: plusMs(expiresAt, providerUnreachableLimitMs) };
  if (status === 'created') return { key: 'making', at: checkAt };
  if (payment.needsReview) return { key: 'review', at: null };
  if (refund) return { key: 'refund', at: refund.nextTryAt };
  if (waiting) return { key: 'approval', at: null };
  return checkAt && watchUntil ? { key: 'watch', at: watchUntil } : null;
}

const formatRupiah = (amount: number | Rupiah): string => `Rp${amount.toLocaleString('id-ID')}`;

const amountIn = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Day, month, hour and minute. The day is needed, because late-payment polling ends days later. */
const clockTime = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('id-ID', {
    timeZone,
    day: 'numeric',
    month: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);

function fillIn(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
