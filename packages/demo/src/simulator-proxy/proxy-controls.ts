import { Problem } from '@gateway/api';
import type { RequestHandler } from 'express';

const timeoutMs = 5_000;

/**
 * /simulator/control/…: the simulator's own controls, for the demo's pages. The simulator itself obeys no page of another origin,
 * and the pages' policy lets them call nobody but us. Only the local stack has it.
 */
export const proxyControls =
  ({ simulatorUrl }: { simulatorUrl: string }): RequestHandler =>
  async (req, res) => {
    const root = new URL('control', `${simulatorUrl}/`);
    const target = new URL(`${root.href}${req.url}`);
    if (!target.pathname.startsWith(`${root.pathname}/`)) throw new Problem('not_found', 'All controls are below /simulator/control/.');
    const response = await fetch(target, {
      method: req.method,
      ...(req.method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(req.body ?? {}) } : {}),
      signal: AbortSignal.timeout(timeoutMs),
    });
    res
      .status(response.status)
      .type('application/json')
      .send(await response.text());
  };
