import type { RequestHandler } from 'express';

const oneYear = 'max-age=31536000';

/**
 * Headers for browsers, on every answer. No other site may show an answer in a frame, and a browser does not guess its type. After one
 * visit over HTTPS a browser never uses HTTP for this name again; without HTTPS in PUBLIC_URL that header is left out, because a till on
 * HTTP would be locked out. A page with a policy of its own replaces the two frame headers.
 */
export function securityHeaders(publicUrl: string): RequestHandler {
  const headers = Object.entries({
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Content-Security-Policy': "frame-ancestors 'none'",
    ...(publicUrl.startsWith('https:') ? { 'Strict-Transport-Security': oneYear } : {}),
  });
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    next();
  };
}
