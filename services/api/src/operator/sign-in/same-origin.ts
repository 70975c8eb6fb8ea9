import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { Problem } from '../../http/problem.ts';

/**
 * Refuses requests that change something and come from a page of another origin. A page cannot forge the headers `Sec-Fetch-Site` and
 * `Origin`.
 */
export function sameOriginOnly(publicUrl: string): RequestHandler {
  const ownOrigin = new URL(publicUrl).origin;
  return (req, _res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD' || isFromOurPage(req.headers)) next();
    else throw new Problem('forbidden', 'This request must come from the operator page: send Origin or Sec-Fetch-Site.');
  };

  function isFromOurPage({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
    if (site !== undefined) return site === 'same-origin';
    // Plain HTTP on another machine, or an old browser. The api may have another name than PUBLIC_URL, so the Host header counts too.
    return origin !== undefined && (origin === ownOrigin || (URL.canParse(origin) && new URL(origin).host === host));
  }
}
