import { isSecretOf } from '../webhook-secret.ts';

/**
 * Whether the `x-callback-token` header is one of the account's. A constant of the account, not a signature of the body:
 * it proves who may speak, nothing of what is said. Source: Xendit, "Handling webhooks", read 2026-11 (providers.md 3.11).
 */
export function hasCallbackToken(headers: Readonly<Record<string, string | string[] | undefined>>, tokens: readonly string[]): boolean {
  const token = headers['x-callback-token'];
  return typeof token === 'string' && isSecretOf(token, tokens);
}
