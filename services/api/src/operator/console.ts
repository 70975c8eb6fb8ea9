import type { Database } from '@gateway/shared/postgres';
import { type AccountDirectory, accountIdPattern, providerNames } from '@gateway/shared/provider';
import { type Clock, type Logger, type OperatorUser, roleIncludes, storeIdPattern } from '@gateway/shared/runtime';
import { holds, type settings } from '@gateway/shared/store';
import type { Queue } from 'bullmq';
import express, { type Request, type Router } from 'express';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { cleanBody } from '../http/clean-input.ts';
import { linkPath } from '../http/headers.ts';
import { fromControl } from '../http/problem.ts';
import type { SecurityLog } from '../http/security-log.ts';
import { lookFiles, versionOf } from '../look/look.ts';
import { limitAddress, limitSignedIn } from './console-limits.ts';
import { sendErrors } from './layout/send-errors.ts';
import { type Links, viewOf } from './layout/view.ts';
import { overviewPage } from './pages/overview-page.ts';
import { readProviderHealth } from './provider-health.ts';
import { queueBoard } from './queue-board.ts';
import { authenticateOperator, operatorOf, requireRole, withCsrfToken } from './sign-in/authenticate-operator.ts';
import { createCookie } from './sign-in/cookies.ts';
import { createOperatorDirectory } from './sign-in/operator-directory.ts';
import { sameOriginOnly } from './sign-in/same-origin.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createSignIn } from './sign-in/sign-in-routes.ts';

export interface ConsoleDeps {
  users: readonly OperatorUser[];
  /** The file of OPERATOR_USERS_FILE; null: the users are in the environment. */
  usersFile: string | null;
  queues: readonly Queue[];
  accounts: Pick<AccountDirectory, 'all'>;
  control: Pick<settings.ControlCache, 'current' | 'refresh'>;
  /** The console's own connections to the control database, so that it takes none from the tills. */
  controlDb: Database;
  redis: Redis;
  security: SecurityLog;
  publicUrl: string;
  /** Whether browsers send the cookies over HTTPS only. */
  isSecure: boolean;
  clock: Clock;
  log: Logger;
}

export interface Console {
  /** The routes below `/operator`. */
  router: Router;
  close(): void;
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const refreshMs = 2_000; // of the users' file: the sessions of a removed user end within 5 s
const pruneMs = 60_000;

const scopeBody = z.object({
  provider: z.enum(providerNames),
  account: z.string().refine((id) => id === '*' || accountIdPattern.test(id), "must be an account's id, or * for all of them"),
  store_id: z.string().refine((id) => id === '*' || storeIdPattern.test(id), "must be a store's id, or * for all of them"),
});

/** The operators' console. Null when no person may sign in: then nothing is mounted. */
export function createConsole(deps: ConsoleDeps): Console | null {
  const { users, usersFile, queues, accounts, control, controlDb, redis, security, publicUrl, isSecure, clock, log } = deps;
  if (users.length === 0) return null;
  const look = lookFiles(['look.css', 'console.css', 'icon.svg']);
  const links = linksOf(publicUrl, versionOf(look));
  const directory = createOperatorDirectory(users, usersFile, log);
  const sessions = createSessions(controlDb, directory, clock);
  const sessionCookie = createCookie('operator_session', { isSecure });
  const signIn = createSignIn({ sessions, sessionCookie, directory, redis, security, links, isSecure, hasOidc: false, clock });

  const router = express.Router();
  router.use((_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Referrer-Policy', 'same-origin'); // with `no-referrer`, browsers send no Origin with our own forms
    res.setHeader('Content-Security-Policy', policy); // Bull Board replaces it
    next();
  });
  router.get('/look/:version/:name', (req, res, next) => {
    const file = look.get(req.params.name);
    if (!file) return next();
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    res.type(file.type).send(file.text);
  });
  router.use(limitAddress(clock), sameOriginOnly(publicUrl), express.urlencoded({ extended: false, limit: '64kb' }), cleanBody);
  router.use(signIn.router, authenticateOperator(sessions, sessionCookie, signIn.onSignedOut), limitSignedIn(clock), withCsrfToken);
  router.post('/log-out', signIn.logOut);
  router.get('/', async (req, res) => {
    const health = await readProviderHealth(accounts.all(), redis);
    const mayAct = roleIncludes(operatorOf(res).role, 'operator');
    const overview = { accounts: health, holds: control.current?.holds ?? null, mayAct };
    res.type('html').send(overviewPage(viewOf(req, res, links, clock.now()), overview));
  });

  for (const [action, act] of [
    ['hold', holds.place],
    ['release', holds.lift],
  ] as const) {
    router.post(`/${action}`, async (req, res) => {
      requireRole(res, 'operator');
      const { name } = operatorOf(res);
      const scope = scopeOf(req);
      const changed = await fromControl(act(controlDb.knex, scope, { actor: name, at: clock.now() }));
      log.warn(
        { ...idsOf(scope), operation: action, reason: `operator ${name}`, outcome: changed ? 'done' : 'unchanged' },
        'operator action',
      );
      await control.refresh(); // the page that follows shows the change; other processes see it within 2 s
      res.redirect(303, links.href('/'));
    });
  }
  router.use('/queues', queueBoard(queues, '/operator/queues'));
  router.use(sendErrors(links));
  return { router, ...keepSessions(deps, sessions, () => directory.refresh()) };
}

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

function scopeOf(req: Request) {
  const { provider, account, store_id } = scopeBody.parse(req.body);
  return { provider, account, storeId: store_id };
}

const idsOf = ({ provider, account, storeId }: ReturnType<typeof scopeOf>) => ({ provider, account, store_id: storeId });
