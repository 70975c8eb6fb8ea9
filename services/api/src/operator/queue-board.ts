import { createBullBoard } from '@bull-board/api';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import express, { type Express, type RequestHandler, type Router } from 'express';
import { Problem } from '../http/problem.ts';
import { redactedQueue } from './redacted-queue.ts';

// Bull Board's page has inline styles. It may load files from the api only.
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/** Bull Board, read-only. It has no authentication of its own: mount it behind `authenticateOperator`. */
export function queueBoard(queues: readonly Queue[], mountedAt: string): Router {
  const board = new ExpressAdapter();
  board.setBasePath(mountedAt);
  createBullBoard({
    queues: queues.map(redactedQueue),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Queues', hideRedisDetails: true, hideDocsLink: true } },
  });
  const pages: Express = board.getRouter();
  pages.disable('x-powered-by'); // an application of its own, so the api's setting does not reach it
  const router = express.Router();
  router.use(readOnly, withPolicy, withoutWebFont, pages);
  return router;
}

/** Bull Board's own read-only mode answers some buttons with 200 and does nothing. This answers 405. */
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

/** Removes the link to a web font service. The policy blocks the font too, but then every browser reports an error. */
const withoutWebFont: RequestHandler = (_req, res, next) => {
  const { send } = res;
  res.send = (body) => send.call(res, typeof body === 'string' && body.startsWith('<!DOCTYPE html>') ? body.replace(webFont, '') : body);
  next();
};
