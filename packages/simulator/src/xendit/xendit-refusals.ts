import type { XenditAccount } from '../accounts.ts';
import type { ProviderApi } from '../provider-call.ts';
import type { Switches } from '../switches.ts';
import { xenditError } from './xendit-wire.ts';

/** Xendit's error answers. Source: providers.md 3.10. */
export function xenditRefusals(switches: Switches): ProviderApi<XenditAccount>['refusals'] {
  return {
    unauthorized: () => xenditError(401, 'INVALID_API_KEY', 'The API key is not valid'),
    unknownPath: () => xenditError(404, 'DATA_NOT_FOUND', 'The requested resource was not found'),
    wrongMethod: () => xenditError(405, 'METHOD_NOT_ALLOWED', 'The method is not allowed for this resource'),
    tooLarge: () => xenditError(413, 'PAYLOAD_TOO_LARGE', 'The body is too large'),
    serverError: () => xenditError(500, 'SERVER_ERROR', 'Something went wrong on our side'),
    rateLimited: (retryAfterMs) => {
      const resetSeconds = retryAfterMs > 0 ? retryAfterMs / 1_000 : 60;
      const response = xenditError(429, 'RATE_LIMIT_EXCEEDED', 'Too many requests');
      const limits = { 'rate-limit-limit': '60', 'rate-limit-remaining': '0', 'rate-limit-reset': resetSeconds.toFixed(3) };
      return { ...response, headers: { ...response.headers, ...limits } };
    },
    rejected: (operation) => {
      if (operation === 'create') return null; // the route's handler answers, because a failed payment request exists
      if (operation === 'refund') return xenditError(403, 'REFUND_NOT_SUPPORTED', 'The payment cannot be refunded');
      if (operation === 'cancel') return xenditError(400, 'INELIGIBLE_TRANSACTION_STATUS', 'The payment request cannot be canceled');
      return xenditError(404, 'DATA_NOT_FOUND', 'The requested resource was not found');
    },
    duplicate: () => xenditError(409, switches.current.xendit_duplicate_error_code, 'A request with this reference exists already'),
  };
}
