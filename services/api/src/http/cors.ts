import type { RequestHandler } from 'express';

const allowedHeaders = 'Authorization, Content-Type, Accept-Language, Idempotency-Key, Last-Event-ID, Prefer, X-Request-Id';
const exposedHeaders = 'Idempotent-Replayed, Location, Retry-After, X-Request-Id';
const preflightSeconds = '7200'; // the longest that browsers keep an answer

/**
 * Pages of these origins may call us from a browser; to those of any other we say nothing, and the browser keeps our answers from
 * them. Never with credentials: keys and tokens are sent on purpose, and a cookie would be sent by anybody's page.
 */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (req, res, next) => {
    res.vary('Origin'); // also when it is not allowed: a cache must not hand that answer to a page that is
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
