import type { RequestHandler } from 'express';
import { Problem } from '../http/problem.ts';

const withinMs = 5_000;

/**
 * /simulator/control/…: the simulator's own controls, for the demo's pages. The simulator itself obeys no page of another origin,
 * and the pages' policy lets them call nobody but us. Only the local stack has it.
 */
export const controlSimulator =
  ({ simulatorUrl }: { simulatorUrl: string }): RequestHandler =>
  async (req, res) => {
    const root = new URL('control', `${simulatorUrl}/`);
    const target = new URL(`${root.href}${req.url}`);
    if (!target.pathname.startsWith(`${root.pathname}/`)) throw new Problem('not_found', 'The controls are all below /simulator/control/.');
    const answer = await fetch(target, {
      method: req.method,
      ...(req.method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(req.body ?? {}) } : {}),
      signal: AbortSignal.timeout(withinMs),
    });
    res
      .status(answer.status)
      .type('application/json')
      .send(await answer.text());
  };
