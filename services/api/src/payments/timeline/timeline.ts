import { eventReasons, type Rupiah } from '@gateway/shared/payment';
import { isScannable, type Payment, type PaymentEvent, type Refund } from '@gateway/shared/store';
import { type Language, type NextKey, type PastKey, past, upcoming } from './sentences.ts';

/** Where a payment stands, for whoever tells its story. */
export interface Story {
  payment: Payment;
  /** Oldest first. */
  events: readonly PaymentEvent[];
  refunds: readonly Refund[];
  /** When the host is told what it could not take yet. */
  hostToldAt: Date | null;
  now: Date;
}

export interface Telling {
  language: Language;
  /** Of the host: what clocks on the wall show. */
  timeZone: string;
}

export interface Entry {
  at: Date;
  key: PastKey;
  text: string;
}

export interface Next {
  key: NextKey;
  /** Null: when a person decides. */
  at: Date | null;
  text: string;
}

/** What happened, oldest first, in words. */
export function whatHappened({ payment, events }: Story, telling: Telling): Entry[] {
  const entries: Entry[] = [entry('created', payment.createdAt)];
  if (payment.cancelRequestedAt && payment.cancelReason) entries.push(entry(`hidden ${payment.cancelReason}`, payment.cancelRequestedAt));
  entries.push(...events.map((event) => entry(keyOf(event), new Date(event.occurred_at), event.data)));
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());

  function entry(key: PastKey, at: Date, data: Record<string, unknown> = {}): Entry {
    const { language } = telling;
    const issuer = typeof data.issuer === 'string' && data.issuer ? data.issuer : null;
    const values = {
      order: payment.orderNumber,
      amount: money(payment.amount),
      received: money(amountIn(data.received_amount) ?? payment.amount),
      refund: money(amountIn(data.refund_amount) ?? payment.amount),
      issuer: issuer ? { id: ` lewat ${issuer}`, en: ` with ${issuer}` }[language] : '',
    };
    return { at, key, text: filled(past[key][language], values) };
  }
}

/** The name of the sentence for an event: what it gives as its reason, policy or cause decides. */
export function keyOf({ type, data }: Pick<PaymentEvent, 'type' | 'data'>): PastKey {
  const known: readonly string[] = eventReasons[type];
  const given = [data.reason, data.policy, data.cause].find((word) => known.includes(String(word)));
  return (known.length > 0 ? `${type} ${given ?? (type === 'refund.failed' ? 'refused' : known[0])}` : type) as PastKey;
}

const patienceMs = 120_000; // for a provider that is away: then it is closed here, and watched there

/** What happens next; null when nothing will. */
export function whatHappensNext(story: Story, { language, timeZone }: Telling): Next | null {
  const next = nextOf(story);
  if (!next) return null;
  const time = next.at ? clockTime(next.at, timeZone) : '';
  return { ...next, text: filled(upcoming[next.key][language], { time }) };
}

function nextOf({ payment, refunds, hostToldAt, now }: Story): Omit<Next, 'text'> | null {
  const { status, expiresAt, cancelRequestedAt, reviewSince, watchUntil, checkAt } = payment;
  const isOpen = status === 'created' || status === 'pending';
  const refund = refunds.find((each) => each.status === 'pending' && each.nextTryAt);
  if (hostToldAt) return { key: 'host', at: hostToldAt };
  if (isOpen && reviewSince) return { key: 'review', at: null };
  if (isOpen && cancelRequestedAt) return { key: 'cancelling', at: new Date(cancelRequestedAt.getTime() + patienceMs) };
  if (isScannable(payment, now)) return { key: 'scan', at: expiresAt };
  if (status === 'pending') return { key: 'closing', at: new Date(expiresAt.getTime() + patienceMs) };
  if (status === 'created') return { key: 'making', at: checkAt };
  if (payment.needsReview) return { key: 'review', at: null };
  if (refund) return { key: 'refund', at: refund.nextTryAt };
  return checkAt && watchUntil ? { key: 'watch', at: watchUntil } : null;
}

const money = (amount: number | Rupiah): string => `Rp${amount.toLocaleString('id-ID')}`;

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

function filled(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
