import type { Handlers } from '@gateway/shared/queue';
import type { Deps } from './deps.ts';
import { charge } from './jobs/charge.ts';
import { checkPayment } from './jobs/check-payment.ts';
import { cancelPayment, expirePayment } from './jobs/close-payment.ts';
import { refund } from './jobs/refund.ts';
import { resolveAttempt } from './jobs/resolve-attempt.ts';
import { verifyWebhook } from './jobs/verify-webhook.ts';
import { writeHost } from './jobs/write-host.ts';
import { type KeepLeasesOptions, keepLeases } from './keep-leases.ts';

/** Job name → handler, which holds the lease of its row while it runs. A missing name does not compile. */
export const createHandlers = (deps: Deps, options: KeepLeasesOptions = {}): Handlers => keepLeases(handlersOf(deps), deps, options);

const handlersOf = (deps: Deps): Handlers => ({
  charge: charge(deps),
  'verify-webhook': verifyWebhook(deps),
  'check-payment': checkPayment(deps),
  'expire-payment': expirePayment(deps),
  'cancel-payment': cancelPayment(deps),
  'resolve-attempt': resolveAttempt(deps),
  refund: refund(deps),
  'write-host': writeHost(deps),
});
