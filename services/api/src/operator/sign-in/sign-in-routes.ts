import { randomBytes } from 'node:crypto';
import { type Clock, fingerprintOf, type OperatorUser, operatorNamePattern } from '@gateway/shared/runtime';
import { operatorSessions } from '@gateway/shared/store';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Redis } from 'ioredis';
import { callerAddress } from '../../http/caller-address.ts';
import { Problem } from '../../http/problem.ts';
import type { SecurityEvent } from '../../http/refusal.ts';
import type { SecurityLog } from '../../http/security-log.ts';
import { type Links, localeOf } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { sessionTokenOf } from './authenticate-operator.ts';
import { type Cookie, createCookie } from './cookies.ts';
import { csrfTokenOf, hasCsrfToken } from './csrf.ts';
import type { OperatorDirectory } from './operator-directory.ts';
import { createOperatorPasswords, LockedOut } from './operator-passwords.ts';
import { safeReturn } from './safe-return.ts';
import type { Sessions } from './sessions.ts';
import { openAgainPage, signInPage } from './sign-in-page.ts';

export interface SignInDeps {
  sessions: Sessions;
  sessionCookie: Cookie;
  directory: OperatorDirectory;
  redis: Redis;
  security: SecurityLog;
  links: Links;
  isSecure: boolean;
  /** Whether a person may sign in by OpenID Connect. */
  hasOidc: boolean;
  clock: Clock;
}

export interface SignIn {
  router: Router;
  /** Answers a request without a session: shows the page to sign in, or sends the browser there. */
  onSignedOut: RequestHandler;
  logOut: RequestHandler;
}

const formMs = 3_600_000;

export function createSignIn(deps: SignInDeps): SignIn {
  const { sessions, sessionCookie, directory, redis, security, links, isSecure, clock } = deps;
  const formCookie = createCookie('operator_form', { isSecure });
  const passwords = createOperatorPasswords(() => directory.all(), redis, clock);
  const router = express.Router();

  function showForm(req: Request, res: Response, to: string, message: string | null = null): void {
    const known = formCookie.of(req);
    const value = known ?? randomBytes(32).toString('base64url');
    if (known === null) formCookie.set(res, value, formMs);
    const oidcHref = deps.hasOidc ? links.href(`/oidc?to=${encodeURIComponent(to)}`) : null;
    const form = { csrf: csrfTokenOf(value), to, hasPasswords: directory.all().length > 0, oidcHref, message };
    res.type('html').send(signInPage(localeOf(req, res, links), form));
  }

  router.get('/sign-in', (req, res) => showForm(req, res, safeReturn(req.query.to)));
  router.post('/sign-in', async (req, res) => {
    const { texts } = localeOf(req, res, links);
    const body = (req.body ?? {}) as Record<string, unknown>;
    const to = safeReturn(body.to);
    if (!hasCsrfToken(body, formCookie.of(req))) return showForm(req, res.status(403), to, texts.formTooOld);
    const credentials = { name: String(body.username ?? ''), password: String(body.password ?? '') };
    const user = await check(credentials, req, res).catch((error) => {
      if (!(error instanceof LockedOut)) throw error;
      return error;
    });
    if (user instanceof LockedOut) {
      res.setHeader('Retry-After', String(user.retryAfterSeconds));
      return showForm(req, res.status(429), to, fillIn(texts.lockedOut, { seconds: user.retryAfterSeconds }));
    }
    if (!user) return showForm(req, res.status(401), to, texts.wrongPassword);
    const before = sessionCookie.of(req);
    if (before) await sessions.end(before); // another session than the one that the browser brought
    const token = await sessions.begin({ kind: 'password', name: user.name, fingerprint: fingerprintOf(user) });
    sessionCookie.set(res, token, operatorSessions.longestMs);
    formCookie.clear(res);
    res.redirect(303, links.href(to));
  });

  /** The user with these credentials, or null. Refusals are in the security log. @throws LockedOut */
  async function check(credentials: { name: string; password: string }, req: Request, res: Response): Promise<OperatorUser | null> {
    try {
      const user = await passwords.check(credentials, req.ip ?? '');
      if (!user) record('login_refused');
      return user;
    } catch (error) {
      if (error instanceof LockedOut) record('locked_out');
      throw error;
    }

    function record(event: SecurityEvent): void {
      const ids = { address: callerAddress(req), route: 'POST /operator/sign-in', request_id: String(res.getHeader('x-request-id')) };
      security.record(event, { principal: nameIn(credentials), ...ids });
    }
  }

  return {
    router,
    onSignedOut: (req, res) => {
      if (!isForPeople(req)) throw new Problem('unauthenticated', 'Sign in at /operator.');
      if (sessionCookie.of(req) === null && req.get('sec-fetch-site') === 'cross-site' && req.query.again === undefined)
        return void res.type('html').send(openAgainPage(localeOf(req, res, links), links.href(openedAgain(req.url))));
      if (req.path === '/') return showForm(req, res, safeReturn(req.query.to));
      res.redirect(303, links.href(`/?to=${encodeURIComponent(req.url)}`));
    },
    logOut: async (_req, res) => {
      await sessions.end(sessionTokenOf(res));
      sessionCookie.clear(res);
      res.redirect(303, links.href('/'));
    },
  };
}

/** A page that a person opens, not what a page asks for automatically. */
const isForPeople = ({ method, path }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') && !path.startsWith('/queues/') && !path.startsWith('/live');

function openedAgain(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://page');
  searchParams.set('again', '1');
  return `${pathname}?${searchParams}`;
}

/** The name that was tried. What does not look like a name may be a password in the wrong field, and is not shown. */
const nameIn = ({ name }: { name: string }): string => (operatorNamePattern.test(name) ? name : 'no valid name');
