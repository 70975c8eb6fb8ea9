import type { Logger } from '@gateway/shared/runtime';
import { operatorSessions } from '@gateway/shared/store';
import express, { type Request, type Response, type Router } from 'express';
import { callerAddress } from '../../http/caller-address.ts';
import { linkPath } from '../../http/headers.ts';
import type { SecurityLog } from '../../http/security-log.ts';
import { type Links, localeOf } from '../layout/view.ts';
import type { Texts } from '../texts/texts.ts';
import { type Cookie, createCookie } from './cookies.ts';
import type { Oidc, OidcPerson, OidcRequest } from './oidc.ts';
import { safeReturn } from './safe-return.ts';
import type { Sessions } from './sessions.ts';
import { openAgainPage, signInPage } from './sign-in-page.ts';

interface OidcRoutesDeps {
  oidc: Oidc;
  sessions: Sessions;
  sessionCookie: Cookie;
  security: SecurityLog;
  links: Links;
  /** The base URL of the api. */
  publicUrl: string;
  isSecure: boolean;
  log: Logger;
}

export const callbackPath = '/oidc/callback';
const requestMs = 10 * 60_000; // for a person who must find a second factor

/** Signing in at the provider of an organisation: the way there, and the way back. */
export function oidcRoutes({ oidc, sessions, sessionCookie, security, links, publicUrl, isSecure, log }: OidcRoutesDeps): Router {
  // `lax`: the browser comes back from the provider's site.
  const requestCookie = createCookie('operator_oidc', { isSecure, sameSite: 'lax' });
  const router = express.Router();

  router.get('/oidc', async (req, res) => {
    const begun = await oidc.begin(safeReturn(req.query.to)).catch((error) => unavailable(error));
    if (!begun) return refuse(req, res.status(503), 'oidcUnavailable');
    requestCookie.set(res, Buffer.from(JSON.stringify(begun.request)).toString('base64url'), requestMs);
    res.redirect(303, begun.address.href);
  });

  router.get(callbackPath, async (req, res) => {
    const request = requestIn(requestCookie.of(req));
    requestCookie.clear(res);
    const answer = new URL(req.url, publicUrl);
    answer.pathname = linkPath(publicUrl, `/operator${callbackPath}`);
    const person = request && (await oidc.finish(answer, request).catch((error) => unavailable(error)));
    if (!request || !person) return refuse(req, res.status(401), 'oidcRefused');
    if (!person.role) return refuse(req, res.status(403), 'oidcNoRole', person);
    const token = await sessions.begin({ kind: 'oidc', name: person.name, role: person.role });
    sessionCookie.set(res, token, operatorSessions.longestMs);
    // A browser that comes from another site does not send the new cookie with a redirect.
    res.type('html').send(openAgainPage(localeOf(req, res, links), links.href(request.to)));
  });

  function refuse(req: Request, res: Response, text: keyof Texts, person: OidcPerson | null = null): void {
    const details = {
      address: callerAddress(req),
      route: `GET /operator${callbackPath}`,
      request_id: String(res.getHeader('x-request-id')),
    };
    security.record('login_refused', { principal: person?.name ?? 'OpenID Connect', ...details });
    const locale = localeOf(req, res, links);
    const form = { csrf: '', to: '/', hasPasswords: false, oidcHref: links.href('/oidc'), message: locale.texts[text] };
    res.type('html').send(signInPage(locale, form));
  }

  const unavailable = (error: unknown): null => {
    log.warn({ err: error }, 'OpenID Connect sign-in failed');
    return null;
  };
  return router;
}

function requestIn(cookie: string | null): OidcRequest | null {
  try {
    const { state, nonce, verifier, to } = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString()) as Record<string, unknown>;
    const isWhole = typeof state === 'string' && typeof nonce === 'string' && typeof verifier === 'string';
    return isWhole ? { state, nonce, verifier, to: safeReturn(to) } : null;
  } catch {
    return null;
  }
}
