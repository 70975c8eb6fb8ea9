import type { Health } from '@gateway/shared/runtime';
import { type Response, Router } from 'express';

/**
 * `/health/live`, `/health/serving` and `/health/ready` on the public port: one word each. A reader learns neither the names of hosts nor
 * what is wrong; the metrics port says both.
 */
export function publicHealth(health: Pick<Health, 'report' | 'serving'>): Router {
  const router = Router();
  router.get('/live', (_req, res) => answer(res, 200, 'live'));
  router.get('/serving', async (_req, res) => {
    const { ok } = await health.serving();
    answer(res, ok ? 200 : 503, ok ? 'serving' : 'unavailable');
  });
  router.get('/ready', async (_req, res) => {
    const { ready } = await health.report();
    answer(res, ready ? 200 : 503, ready ? 'ready' : 'unready');
  });
  return router;
}

function answer(res: Response, status: number, word: string): void {
  res.status(status).set('Cache-Control', 'no-store').type('text').send(word);
}
