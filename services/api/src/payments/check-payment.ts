import type { Host, Hosts } from '@gateway/shared/host';
import { isSettled, type Payment } from '@gateway/shared/payment';
import { type AccountDirectory, budgetOf, type ProviderAccount, providerKind } from '@gateway/shared/provider';
import type { PollSlots } from '@gateway/shared/queue';
import { type Clock, plusMs } from '@gateway/shared/runtime';
import { attempts, type clients } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { preferredWaitMs } from '../http/headers.ts';
import type { TenantShare } from '../http/tenant-share.ts';
import { findOwnPayment } from './find-own-payment.ts';
import { paymentView } from './payment-view.ts';
import type { QrLinks } from './qr-link.ts';
import type { RequestAndWait } from './request-and-wait.ts';

export interface CheckPaymentDeps {
  hosts: Hosts;
  tenantShare: TenantShare;
  accounts: AccountDirectory;
  pollSlots: PollSlots;
  requestAndWait: RequestAndWait;
  links: QrLinks;
  clock: Clock;
}

/**
 * POST /transaction/payments/{payment_id}/check: asks the provider now. 200 with the state after asking; 202 when no answer came in time.
 * A payment without a QR has no charge to ask about, and a settled one has nothing left to learn: both are answered as they are. So is
 * one that the provider was asked about within the shortest poll interval of its account. The question takes a poll slot.
 */
export const checkPayment =
  (deps: CheckPaymentDeps): RequestHandler =>
  async (req, res) => {
    const { hosts, tenantShare, pollSlots, requestAndWait, links, clock } = deps;
    const client = clientOf(res);
    const host = hosts.of(client);
    const { payment, account } = await tenantShare(client, () => findChecked(deps, host, client, req.params.paymentId));
    const checked =
      account && !isYoung(payment, account, clock.now())
        ? await requestAndWait(host, payment, {
            job: 'check-payment',
            waitMs: preferredWaitMs(req),
            isAnswer: isAnsweredAfter(payment),
            reserve: () => pollSlots.reserve(budgetOf(account), payment, clock.now()),
          })
        : payment;
    if (!checked) res.setHeader('Retry-After', '3');
    res.status(checked ? 200 : 202).json(paymentView(checked ?? payment, links, clock.now()));
  };

type CheckedAccount = Pick<ProviderAccount, 'provider' | 'id' | 'mode'>;

/** The payment, with the account to ask about it. Null: there is nothing to ask. */
async function findChecked(
  { accounts }: CheckPaymentDeps,
  host: Host,
  client: clients.Client,
  paymentId: unknown,
): Promise<{ payment: Payment; account: CheckedAccount | null }> {
  const payment = await findOwnPayment(host, client, paymentId);
  if (payment.shownAttempt === null || isSettled(payment)) return { payment, account: null };
  const attempt = await attempts.find(host.db.pool, payment.id, payment.shownAttempt);
  if (!attempt) return { payment, account: null };
  const { provider, account: id } = attempt;
  const account = accounts.find(provider, id);
  return { payment, account: account === null || account === 'unreadable' ? { provider, id, mode: 'live' } : account };
}

/** Whether the provider answered about the payment within the shortest poll interval of its account. */
function isYoung({ checkedAt }: Payment, { provider, mode }: CheckedAccount, now: Date): boolean {
  return checkedAt !== null && now < plusMs(checkedAt, providerKind(provider).traits.minPollMs[mode]);
}

/** Whether the provider has answered since `payment` was read: the payment changed, or was checked and did not change. */
const isAnsweredAfter =
  (payment: Payment) =>
  ({ version, checkedAt }: Payment): boolean =>
    version > payment.version || checkedAt?.getTime() !== payment.checkedAt?.getTime();
