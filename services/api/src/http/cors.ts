import type { RequestHandler } from 'express';

const allowedHeaders = 'Authorization, Content-Type, Accept-Language, Idempotency-Key, Last-Event-ID, Prefer, X-Request-Id';
const exposedHeaders = 'Idempotent-Replayed, Location, Retry-After, X-Request-Id';
const preflightSeconds = '7200'; // the longest time for which browsers cache a preflight

/**
 * Lets browser pages of these origins call the API. Pages of other origins get no CORS header, so the browser hides the answers from them.
 * Credentials are never allowed: a page sends its key on purpose, while a cookie would be sent for every page.
 */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (req, res, next) => {
    res.vary('Origin'); // for other origins too: a cache must not give their answer to a page of an allowed origin
    const { origin } = req.headers;
    if (!origin || !allowed.has(origin)) return next();
    res.setHeader('Access-Control-Allow-Origin', origin);
    res.setHeader('Access-Control-Expose-Headers', exposedHeaders);
    if (req.method !== 'OPTIONS' || !req.headers['access-control-request-method']) return next();
    res.setHeader('Access-Control-Allow-Methods', 'GET, POST');
    res.setHeader('Access-Control-Allow-Headers', allowedHeaders);
    res.setHeader('Access-Control-Max-Age', preflightSeconds);
    res.status(204).end();
  };
}
