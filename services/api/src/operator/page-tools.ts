import type { Request, RequestHandler, Response } from 'express';
import type { ConsoleDeps } from './console-deps.ts';
import type { Links, View } from './layout/view.ts';
import type { ReadHost } from './payment-page/read-payment.ts';

/** What the routes of the pages need. */
export interface PageTools extends ConsoleDeps {
  links: Links;
  readHost: ReadHost;
  /** A page: what `render` returns, in the console's share of the work; or another page of the console instead. */
  page(render: (view: View, req: Request) => Promise<string | { redirect: string }>): RequestHandler;
  viewOf(req: Request, res: Response): View;
}
