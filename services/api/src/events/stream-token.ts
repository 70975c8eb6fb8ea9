import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, plusMs } from '@gateway/shared/runtime';

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

/** Tokens are signed and not stored, so each api process verifies the tokens of all others. */
export function createStreamTokens(signingKey: string, clock: Clock): StreamTokens {
  const key = createHmac('sha256', signingKey).update('stream tokens').digest(); // a derived key: a QR link's signature is no stream token
  const sign = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    issue: ({ clientId, storeId }) => {
      const expiresAt = plusMs(clock.now(), lifetimeMs);
      const payload = Buffer.from(JSON.stringify([clientId, storeId, expiresAt.getTime()])).toString('base64url');
      return { token: `${payload}.${sign(payload).toString('base64url')}`, expiresAt };
    },
    verify: (token) => {
      const [payload = '', signature = ''] = token.split('.');
      const received = Buffer.from(signature, 'base64url');
      const expected = sign(payload);
      if (received.length !== expected.length || !timingSafeEqual(received, expected)) return null;
      const [clientId, storeId, expiresAtMs] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, string, number];
      return clock.now().getTime() < expiresAtMs ? { clientId, storeId } : null;
    },
  };
}
