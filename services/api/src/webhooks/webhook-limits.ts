import { accountKey, type ProviderAccount, type WebhookNotice } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import { Problem } from '../http/problem.ts';
import { createRateLimiter, type Rate, takeOrRefuse } from '../http/rate-limiter.ts';

// A provider repeats a webhook a few times within hours, and other shops of an account make some sales a second.
const repeatRate: Rate = { perSecond: 20, burst: 200 }; // of one address to one account
const unknownRate: Rate = { perSecond: 10, burst: 200 }; // to one account
const rememberedMs = 10_000;
const maxRemembered = 10_000;
const maxRefusedCopies = 1_000; // beyond that copies are read again

/**
 * Limits the work that genuine webhooks cause in this process. They limit repeats, and webhooks that name no charge of ours. The first
 * report of a charge of ours is never limited. A provider sends a webhook again that was answered 429.
 */
export interface WebhookLimits {
  /** @throws Problem `rate_limited` when the same copy was refused as a repeat a moment ago: to read it again costs more than to refuse it */
  refuseCopy(copy: string): void;
  /**
   * Whether the same webhook was stored some seconds ago, so that nothing is to be done.
   * @throws Problem `rate_limited` when the address repeats too much
   */
  isRepeat(delivery: Delivery): boolean;
  /** The webhook is stored. */
  remember(delivery: Delivery): void;
  /** Counts a webhook that names no reference of ours. @throws Problem `rate_limited` when the address sends too many */
  countForeign(delivery: Delivery): void;
  /** Whether another webhook may be stored that belongs to no charge of ours. */
  mayStoreUnknown(account: ProviderAccount): boolean;
  /** Counts a stored webhook that belongs to no charge of ours. */
  countUnknown(account: ProviderAccount): void;
}

interface Delivery {
  account: ProviderAccount;
  notice: WebhookNotice;
  /** Of the sender, as limits count it. */
  address: string;
  /** Names the sender, the account and the bytes that were received. */
  copy: string;
}

export function createWebhookLimits(clock: Clock): WebhookLimits {
  const repeats = createRateLimiter(repeatRate, clock);
  const unknown = createRateLimiter(unknownRate, clock);
  const remembered = new Map<string, number>();
  const refusedCopies = new Map<string, { refusal: Problem; untilMs: number }>();

  const count = ({ account, address }: Delivery) =>
    takeOrRefuse(
      repeats,
      `${accountKey(account)} ${address}`,
      'Too many webhooks from this address that report nothing new. Send it again later.',
    );
  const rememberRefusal = (copy: string, refusal: Problem) => {
    if (refusedCopies.size >= maxRefusedCopies) refusedCopies.clear();
    refusedCopies.set(copy, { refusal, untilMs: clock.now().getTime() + (refusal.extras.retryAfter ?? 0) * 1_000 });
  };
  const keyOf = ({ account, notice }: Delivery) => `${accountKey(account)} ${notice.deliveryKey}`;

  return {
    isRepeat: (delivery) => {
      const since = remembered.get(keyOf(delivery));
      if (since === undefined || clock.now().getTime() - since > rememberedMs) return false;
      try {
        count(delivery);
      } catch (error) {
        if (error instanceof Problem) rememberRefusal(delivery.copy, error);
        throw error;
      }
      return !mayBeNew(delivery.notice);
    },
    refuseCopy: (copy) => {
      const refused = refusedCopies.get(copy);
      if (refused && refused.untilMs > clock.now().getTime()) throw refused.refusal;
    },
    remember: (delivery) => {
      remembered.delete(keyOf(delivery)); // moves it to the end
      remembered.set(keyOf(delivery), clock.now().getTime());
      if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value as string);
    },
    countForeign: count,
    mayStoreUnknown: (account) => unknown.waitOf(accountKey(account)) === null,
    countUnknown: (account) => void unknown.take(accountKey(account)),
  };
}

/** A refund has no status of its own, and a status that is not known may stand for anything: the same report may be about something new. */
const mayBeNew = ({ reportedStatus }: WebhookNotice): boolean => reportedStatus === null || reportedStatus === 'refunded';

/** @throws Problem: the webhook was not stored, and the provider sends it again */
export function refuseForNow(): never {
  throw new Problem('rate_limited', 'Too many webhooks about one charge, or about unknown charges. Send it again later.', {
    retryAfter: 60,
  });
}
