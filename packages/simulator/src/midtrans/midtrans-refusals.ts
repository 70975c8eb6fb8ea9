import { randomUUID } from 'node:crypto';
import type { MidtransAccount } from '../accounts.ts';
import { type FakeResponse, jsonResponse, type ProviderApi } from '../provider-call.ts';
import type { Switches } from '../switches.ts';
import { midtransError } from './midtrans-wire.ts';

/** Midtrans' error answers. Source: providers.md 2.4, 2.8. */
export function midtransRefusals(switches: Switches): ProviderApi<MidtransAccount>['refusals'] & { stillRunning(): FakeResponse } {
  const error = (code: string, message?: string) => midtransError(switches, code, message === undefined ? {} : { message });
  return {
    unauthorized: () => error('401'),
    unknownPath: () => error('404', 'The requested resource is not found'),
    wrongMethod: () => error('405'),
    tooLarge: () => error('413'),
    serverError: () => error('500'),
    rateLimited: (retryAfterMs) => ({
      ...error('429'),
      ...(retryAfterMs > 0 ? { headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) } } : {}),
    }),
    rejected: (operation, path) => {
      if (operation === 'create') return null; // the route's handler answers, because a denied transaction exists
      if (operation === 'refund') return path.endsWith('/direct') ? error('202', 'Refund denied by the bank') : error('414');
      return error(operation === 'cancel' ? '412' : '404');
    },
    duplicate: (operation) => (operation === 'refund' ? error('406', 'Duplicate refund ID') : error('406')),
    stillRunning: () =>
      jsonResponse(202, { status_code: '202', status_message: 'The request is still being processed', id: randomUUID() }, 'still_running'),
  };
}
