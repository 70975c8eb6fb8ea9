import type { Database } from '@gateway/shared/postgres';
import { type AccountDirectory, accountIdPattern, providerNames } from '@gateway/shared/provider';
import { type Clock, type Logger, type OperatorUser, storeIdPattern } from '@gateway/shared/runtime';
import { holds, type settings } from '@gateway/shared/store';
import type { Queue } from 'bullmq';
import express, { type Request, type Router } from 'express';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { cleanBody } from '../http/clean-input.ts';
import { linkPath } from '../http/headers.ts';
import { fromControl } from '../http/problem.ts';
import { adminsOnly, authenticateOperator, operatorOf, sameOriginOnly } from './authenticate-operator.ts';
import { operatorPage, operatorStyle } from './operator-page.ts';
import { readProviderHealth } from './provider-health.ts';
import { queueBoard } from './queue-board.ts';

export interface OperatorDeps {
  users: readonly OperatorUser[];
  queues: readonly Queue[];
  accounts: Pick<AccountDirectory, 'all'>;
  control: Pick<settings.ControlCache, 'current' | 'refresh'>;
  controlDb: Pick<Database, 'knex'>;
  redis: Redis;
  publicUrl: string;
  clock: Clock;
  log: Logger;
}

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; connect-src 'none'";

const scopeBody = z.strictObject({
  provider: z.enum(providerNames),
  account: z.string().refine((id) => id === '*' || accountIdPattern.test(id), "must be an account's id, or * for all of them"),
  store_id: z.string().refine((id) => id === '*' || storeIdPattern.test(id), "must be a store's id, or * for all of them"),
});

/** The routes below `/operator`. Null without users: then nothing is mounted. */
export function operatorRoutes({
  users: [first, ...others],
  queues,
  accounts,
  control,
  controlDb,
  redis,
  publicUrl,
  clock,
  log,
}: OperatorDeps): Router | null {
  if (!first) return null;
  const router = express.Router();
  router.use((_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Referrer-Policy', 'same-origin'); // with `no-referrer`, browsers send no Origin with our own forms
    res.setHeader('Content-Security-Policy', policy); // Bull Board replaces it
    next();
  });
  router.use(sameOriginOnly(publicUrl), authenticateOperator([first, ...others], redis, clock));
  router.get('/', async (_req, res) => {
    const { name, role } = operatorOf(res);
    const health = await readProviderHealth(accounts.all(), redis);
    res.type('html').send(operatorPage({ name, mayAct: role === 'admin', accounts: health, holds: control.current?.holds ?? null }));
  });
  router.get('/page.css', (_req, res) => void res.type('css').send(operatorStyle));

  const form = express.urlencoded({ extended: false, limit: '4kb' });
  for (const [action, act] of [
    ['hold', holds.place],
    ['release', holds.lift],
  ] as const) {
    router.post(`/${action}`, adminsOnly, form, cleanBody, async (req, res) => {
      const { name } = operatorOf(res);
      const scope = scopeOf(req);
      const changed = await fromControl(act(controlDb.knex, scope, { actor: name, at: clock.now() }));
      log.warn(
        { ...idsOf(scope), operation: action, reason: `operator ${name}`, outcome: changed ? 'done' : 'unchanged' },
        'operator action',
      );
      await control.refresh(); // the page that follows shows the change; other processes see it within 2 s
      res.redirect(303, linkPath(publicUrl, '/operator'));
    });
  }
  router.use('/queues', queueBoard(queues, '/operator/queues'));
  return router;
}

function scopeOf(req: Request) {
  const { provider, account, store_id } = scopeBody.parse(req.body);
  return { provider, account, storeId: store_id };
}

const idsOf = ({ provider, account, storeId }: ReturnType<typeof scopeOf>) => ({ provider, account, store_id: storeId });
