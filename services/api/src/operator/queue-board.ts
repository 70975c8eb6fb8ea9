import { createBullBoard } from '@bull-board/api';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import express, { type RequestHandler, type Router } from 'express';
import { Problem } from '../http/problem.ts';
import { redactedQueue } from './redacted-queue.ts';

// The page has its styles inline. What it may not do is ask anybody but us for anything.
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/** Bull Board, to look at only. It has no door of its own: mount it behind one. */
export function queueBoard(queues: readonly Queue[], mountedAt: string): Router {
  const board = new ExpressAdapter();
  board.setBasePath(mountedAt);
  createBullBoard({
    queues: queues.map(redactedQueue),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Queues', hideRedisDetails: true, hideDocsLink: true } },
  });
  const router = express.Router();
  router.use(readOnly, withPolicy, withoutWebFont, board.getRouter());
  return router;
}

/** The board itself answers some of its "all queues" buttons with 200, and does nothing. */
const readOnly: RequestHandler = (req, _res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD')
    throw new Problem('method_not_allowed', 'The queue board is read-only. Jobs are created from database rows: see docs/runbook.md.');
  next();
};

const withPolicy: RequestHandler = (_req, res, next) => {
  res.setHeader('Content-Security-Policy', policy);
  next();
};

const webFont = /<link\b[^>]*href="https?:[^>]*>/g;

/** Its page would ask a font service on every visit. The policy forbids that too, but then each browser complains. */
const withoutWebFont: RequestHandler = (_req, res, next) => {
  const { send } = res;
  res.send = (body) => send.call(res, typeof body === 'string' && body.startsWith('<!DOCTYPE html>') ? body.replace(webFont, '') : body);
  next();
};
