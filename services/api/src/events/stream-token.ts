import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, plusMs } from '@gateway/shared/runtime';

/** What a stream token stands for: one key's right to read one store's events. */
export interface StreamGrant {
  clientId: string;
  storeId: string;
}

/** Tokens for a browser, which cannot send a header with its EventSource, and must not hold a key. */
export interface StreamTokens {
  issue(grant: StreamGrant): { token: string; expiresAt: Date };
  /** Null: forged, cut, or too old to open anything. */
  verify(token: string): StreamGrant | null;
}

const lifetimeMs = 60_000; // long enough to open a stream with; one that was copied out of a log is of no use

/** Nothing is kept: any api process reads what another made. */
export function createStreamTokens(signingKey: string, clock: Clock): StreamTokens {
  const key = createHmac('sha256', signingKey).update('stream tokens').digest(); // its own: what signs a link to a picture opens no stream
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
