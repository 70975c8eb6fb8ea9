import { ProviderError, ProviderUnavailable } from '@gateway/shared/provider';
import type { Cause } from './proof-step.ts';

/** The cause by the `reason` of a provider error. */
const byReason: Readonly<Record<string, Cause>> = {
  unauthorized: 'wrong_key',
  secret_key: 'wrong_key',
  payment_type_not_enabled: 'qris_not_active',
  channel_not_activated: 'qris_not_active',
  merchant_settings: 'qris_not_active',
  sender_address: 'ip_not_allowed',
  rate_limited: 'rate_limited',
  timeout: 'provider_unreachable',
  tls: 'provider_tls',
  handshake: 'provider_tls',
  forbidden: 'account_refused',
  account_blocked: 'account_refused',
  account_deactivated: 'account_refused',
};

/** @throws the error itself when it is none of a provider */
export function causeOf(error: unknown): Cause {
  if (!(error instanceof ProviderError)) throw error;
  const known = byReason[error.reason];
  if (known) return known;
  return error instanceof ProviderUnavailable ? 'provider_unreachable' : 'charge_failed';
}

export const reasonOf = (error: unknown): string => (error instanceof ProviderError ? error.reason : String(error));
