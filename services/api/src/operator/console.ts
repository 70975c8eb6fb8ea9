import express, { type RequestHandler, type Router } from 'express';
import { cleanBody } from '../http/clean-input.ts';
import { linkPath } from '../http/headers.ts';
import { joined, lookFiles, versionOf } from '../look/look.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { limitAddress, limitSignedIn } from './console-limits.ts';
import { consolePages } from './console-pages.ts';
import { sendErrors } from './layout/send-errors.ts';
import type { Links } from './layout/view.ts';
import { queueBoard } from './queue-board.ts';
import { authenticateOperator, withCsrfToken } from './sign-in/authenticate-operator.ts';
import { createCookie } from './sign-in/cookies.ts';
import { createOidc } from './sign-in/oidc.ts';
import { callbackPath, oidcRoutes } from './sign-in/oidc-routes.ts';
import { createOperatorDirectory } from './sign-in/operator-directory.ts';
import { sameOriginOnly } from './sign-in/same-origin.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createSignIn } from './sign-in/sign-in-routes.ts';

export type { ConsoleDeps } from './console-deps.ts';

export interface Console {
  /** The routes below `/operator`. */
  router: Router;
  close(): void;
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const refreshMs = 2_000; // of the users' file: the sessions of a removed user end within 5 s
const pruneMs = 60_000;

/** The operators' console. Null when no person may sign in: then nothing is mounted. */
export function createConsole(deps: ConsoleDeps): Console | null {
  const { users, usersFile, oidc, queues, controlDb, redis, security, publicUrl, isSecure, clock, log } = deps;
  if (users.length === 0 && !oidc) return null;
  const look = lookFiles(['look.css', 'icon.svg', 'live.js']);
  look.set('console.css', joined(['console.css', 'console-parts.css', 'console-pages.css']));
  const links = linksOf(publicUrl, versionOf(look));
  const directory = createOperatorDirectory(users, usersFile, log);
  const sessions = createSessions(controlDb, { directory, hasOidc: oidc !== null, clock });
  const sessionCookie = createCookie('operator_session', { isSecure });
  const signIn = createSignIn({ sessions, sessionCookie, directory, redis, security, links, isSecure, hasOidc: oidc !== null, clock });
  const pages = consolePages(deps, { links, sessions });

  const router = express.Router();
  router.use(withHeaders);
  router.get('/look/:version/:name', (req, res, next) => {
    const file = look.get(req.params.name);
    if (!file) return next();
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    res.type(file.type).send(file.text);
  });
  router.use(limitAddress(clock), sameOriginOnly(publicUrl), express.urlencoded({ extended: false, limit: '64kb' }), cleanBody);
  if (oidc) {
    const provider = createOidc(oidc, `${publicUrl}/operator${callbackPath}`);
    router.use(oidcRoutes({ oidc: provider, sessions, sessionCookie, security, links, publicUrl, isSecure, log }));
  }
  const limit = limitSignedIn(clock, sessionCookie);
  const authenticate = authenticateOperator(sessions, sessionCookie, signIn.onSignedOut);
  router.use(signIn.router, limit.beforeLookUp, authenticate, limit.afterLookUp, withCsrfToken);
  router.post('/log-out', signIn.logOut);
  router.use(pages.router);
  router.use('/queues', queueBoard(queues, '/operator/queues'));
  router.use(sendErrors(links));
  const keeper = keepSessions(deps, sessions, () => directory.refresh());
  return {
    router,
    close: () => {
      pages.close();
      keeper.close();
    },
  };
}

const withHeaders: RequestHandler = (_req, res, next) => {
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Referrer-Policy', 'same-origin'); // with `no-referrer`, browsers send no Origin with our own forms
  res.setHeader('Content-Security-Policy', policy); // Bull Board replaces it
  next();
};

/** Ends the sessions of removed users at the start of the process and when the users' file changes, and those that are over every minute. */
function keepSessions({ log }: ConsoleDeps, sessions: { prune(): Promise<void> }, refreshUsers: () => Promise<boolean>) {
  const prune = () => sessions.prune().catch((error) => log.warn({ err: error }, 'operator sessions not pruned'));
  void prune();
  const timers = [
    setInterval(prune, pruneMs),
    setInterval(async () => {
      if (await refreshUsers()) await prune();
    }, refreshMs),
  ];
  for (const timer of timers) timer.unref();
  return {
    close: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

const linksOf = (publicUrl: string, version: string): Links => ({
  href: (path) => linkPath(publicUrl, path === '/' ? '/operator' : `/operator${path.replace(/^\/(?=\?)/, '')}`),
  asset: (name) => linkPath(publicUrl, `/operator/look/${version}/${name}`),
});
