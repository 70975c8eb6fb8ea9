import { isSecretOf } from '../webhook-secret.ts';

/**
 * Whether the `x-callback-token` header is one of the account's tokens. The token is a constant: it identifies the sender and says
 * nothing about the body. Source: Xendit, "Handling webhooks", read 2026-11 (docs/providers.md 3.11).
 */
export function hasCallbackToken(headers: Readonly<Record<string, string | string[] | undefined>>, tokens: readonly string[]): boolean {
  const token = headers['x-callback-token'];
  return typeof token === 'string' && isSecretOf(token, tokens);
}
