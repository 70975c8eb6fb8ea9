import {
  eventReasons,
  isScannable,
  type Payment,
  type PaymentEvent,
  providerUnreachableLimitMs,
  type Refund,
  type Rupiah,
} from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { type Language, type NextKey, type PastKey, past, upcoming } from './sentences.ts';

/** Where a payment stands, for whoever tells its story. */
export interface TimelineInput {
  payment: Payment;
  /** Oldest first. */
  events: readonly PaymentEvent[];
  refunds: readonly Refund[];
  /** When the host is told what it could not take yet. */
  hostRetryAt: Date | null;
  now: Date;
}

export interface TimelineLocale {
  language: Language;
  /** Of the host: what clocks on the wall show. */
  timeZone: string;
}

export interface PastEntry {
  at: Date;
  key: PastKey;
  text: string;
}

export interface NextEntry {
  key: NextKey;
  /** Null: when a person decides. */
  at: Date | null;
  text: string;
}

/** What happened, oldest first, in words. */
export function pastEntries({ payment, events }: TimelineInput, locale: TimelineLocale): PastEntry[] {
  const entries: PastEntry[] = [entry('created', payment.createdAt)];
  if (payment.cancelRequestedAt && payment.cancelReason) entries.push(entry(`hidden ${payment.cancelReason}`, payment.cancelRequestedAt));
  entries.push(...events.map((event) => entry(entryKey(event), new Date(event.occurred_at), event.data)));
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());

  function entry(key: PastKey, at: Date, data: Record<string, unknown> = {}): PastEntry {
    const { language } = locale;
    const issuer = typeof data.issuer === 'string' && data.issuer ? data.issuer : null;
    const values = {
      order: payment.orderNumber,
      amount: formatRupiah(payment.amount),
      received: formatRupiah(amountIn(data.received_amount) ?? payment.amount),
      refund: formatRupiah(amountIn(data.refund_amount) ?? payment.amount),
      issuer: issuer ? { id: ` lewat ${issuer}`, en: ` with ${issuer}` }[language] : '',
    };
    return { at, key, text: fillIn(past[key][language], values) };
  }
}

/** The name of the sentence for an event: what it gives as its reason, policy or cause decides. */
export function entryKey({ type, data }: Pick<PaymentEvent, 'type' | 'data'>): PastKey {
  const reasons: readonly string[] = eventReasons[type];
  const reason = [data.reason, data.policy, data.cause].find((value) => reasons.includes(String(value)));
  return (reasons.length > 0 ? `${type} ${reason ?? (type === 'refund.failed' ? 'refused' : reasons[0])}` : type) as PastKey;
}

/** What happens next; null when nothing will. */
export function nextEntry(input: TimelineInput, { language, timeZone }: TimelineLocale): NextEntry | null {
  const next = nextOf(input);
  if (!next) return null;
  const time = next.at ? clockTime(next.at, timeZone) : '';
  return { ...next, text: fillIn(upcoming[next.key][language], { time }) };
}

function nextOf({ payment, refunds, hostRetryAt, now }: TimelineInput): Omit<NextEntry, 'text'> | null {
  const { status, expiresAt, cancelRequestedAt, reviewSince, watchUntil, checkAt } = payment;
  const isOpen = status === 'created' || status === 'pending';
  const refund = refunds.find((each) => each.status === 'pending' && each.nextTryAt);
  if (hostRetryAt) return { key: 'host', at: hostRetryAt };
  if (isOpen && reviewSince) return { key: 'review', at: null };
  if (isOpen && cancelRequestedAt) return { key: 'cancelling', at: plusMs(cancelRequestedAt, providerUnreachableLimitMs) };
  if (isScannable(payment, now)) return { key: 'scan', at: expiresAt };
  if (status === 'pending') return { key: 'closing', at: plusMs(expiresAt, providerUnreachableLimitMs) };
  if (status === 'created') return { key: 'making', at: checkAt };
  if (payment.needsReview) return { key: 'review', at: null };
  if (refund) return { key: 'refund', at: refund.nextTryAt };
  return checkAt && watchUntil ? { key: 'watch', at: watchUntil } : null;
}

const formatRupiah = (amount: number | Rupiah): string => `Rp${amount.toLocaleString('id-ID')}`;

const amountIn = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** With the day, since a watch ends days later. */
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
