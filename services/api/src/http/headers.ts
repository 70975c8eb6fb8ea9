import { hash } from 'node:crypto';
import type { Request } from 'express';
import { Problem } from './problem.ts';

/** The `Idempotency-Key` header; null when there is none. @throws Problem `validation_failed` when it is empty or too long */
export function idempotencyKeyOf(req: Request): string | null {
  const key = req.get('idempotency-key');
  if (key === undefined) return null;
  if (key.length === 0 || key.length > 255) throw new Problem('validation_failed', 'Idempotency-Key must have 1 to 255 characters.');
  return key;
}

/** The path of a link on this installation: with the path of PUBLIC_URL, below which a proxy may publish the api. */
export const linkPath = (publicUrl: string, path: string): string => new URL(publicUrl).pathname.replace(/\/$/, '') + path;

/** Requests with the same fingerprint are the same request. It is taken from the body after defaults are filled in. */
export const fingerprintOf = (body: unknown): string => hash('sha256', JSON.stringify(body), 'base64url');

const maxWaitMs = 25_000; // below the 30 s after which tills and proxies close a connection
const defaultWaitMs = 10_000;

/** How long the caller wants to wait, in milliseconds: `Prefer: wait=10` (0 to 25 s) or `respond-async`. An unreadable value is ignored. */
export function preferredWaitMs(req: Request): number {
  const prefer = req.get('prefer') ?? '';
  if (/(^|[,;\s])respond-async($|[,;\s])/i.test(prefer)) return 0;
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer)?.[1];
  return wait === undefined ? defaultWaitMs : Math.min(Number(wait) * 1_000, maxWaitMs);
}
