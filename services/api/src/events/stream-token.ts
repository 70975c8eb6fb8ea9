import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, plusMs } from '@gateway/shared/runtime';
import type { SigningKeys } from '../config.ts';

/** What a stream token allows: reading the events of one store, with the rights of one key. */
export interface StreamGrant {
  clientId: string;
  storeId: string;
}

/** Tokens for browsers: an EventSource cannot send a header, and a page must not hold a key. */
export interface StreamTokens {
  issue(grant: StreamGrant): { token: string; expiresAt: Date };
  /** Null: the signature is invalid, or the token has expired. */
  verify(token: string): StreamGrant | null;
}

const lifetimeMs = 60_000; // enough to open a stream, and short because a URL may be copied from a log

/**
 * Tokens are signed and not stored, so each api process verifies the tokens of all others.
 * @param signingKeys the first one signs; the others only verify, while a signing key is replaced
 */
export function createStreamTokens(signingKeys: SigningKeys, clock: Clock): StreamTokens {
  // Derived keys: a QR link's signature is no stream token.
  const [signing, ...previous] = signingKeys.map((key) => createHmac('sha256', key).update('stream tokens').digest()) as [
    Buffer,
    ...Buffer[],
  ];
  const sign = (payload: string, key = signing): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    issue: ({ clientId, storeId }) => {
      const expiresAt = plusMs(clock.now(), lifetimeMs);
      const payload = Buffer.from(JSON.stringify([clientId, storeId, expiresAt.getTime()])).toString('base64url');
      return { token: `${payload}.${sign(payload).toString('base64url')}`, expiresAt };
    },
    verify: (token) => {
      const [payload = '', signature = ''] = token.split('.');
      const received = Buffer.from(signature, 'base64url');
      const isSignedWith = (key: Buffer): boolean => {
        const expected = sign(payload, key);
        return received.length === expected.length && timingSafeEqual(received, expected);
      };
      if (![signing, ...previous].some(isSignedWith)) return null;
      const [clientId, storeId, expiresAtMs] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, string, number];
      return clock.now().getTime() < expiresAtMs ? { clientId, storeId } : null;
    },
  };
}
