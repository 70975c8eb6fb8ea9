import { Problem } from '@gateway/api';
import type { RequestHandler } from 'express';
import { forward } from './forward.ts';

/**
 * /simulator/control/…: the simulator's controls, for the demo's pages. The simulator refuses pages of another origin, and the
 * pages' content security policy allows requests to the api only.
 */
export const proxyControls =
  ({ simulatorUrl }: { simulatorUrl: string }): RequestHandler =>
  async (req, res) => {
    const root = new URL('control', `${simulatorUrl}/`);
    const url = new URL(`${root.href}${req.url}`);
    if (!url.pathname.startsWith(`${root.pathname}/`)) throw new Problem('not_found', 'All controls are below /simulator/control/.');
    await forward(res, url, { method: req.method, ...(req.method === 'POST' ? { body: req.body ?? {} } : {}) });
  };
