import type { Hosts } from '@gateway/shared/host';
import { createPoolShare } from '@gateway/shared/postgres';
import type { settings } from '@gateway/shared/store';
import express, { type Request, type Response, type Router } from 'express';
import { actionRoutes } from './actions/action-routes.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { createNotices } from './layout/notice.ts';
import { type Links, type View, viewOf } from './layout/view.ts';
import { createLiveOverview } from './overview/live-overview.ts';
import { overviewBody, overviewPage } from './overview/overview-page.ts';
import { createOverviewReader } from './overview/read-overview.ts';
import type { PageTools } from './page-tools.ts';
import { listPages } from './pages/list-pages.ts';
import { paymentPages } from './payment-page/payment-pages.ts';
import { createReadHost } from './payment-page/read-payment.ts';
import { createCookie } from './sign-in/cookies.ts';
import type { Sessions } from './sign-in/sessions.ts';

const shareOfHosts = 0.1; // of the connections to each host's database: two of twenty
const atOnce = { patienceMs: 2_000, maxWaiting: 100 };

/** The pages for a person who is signed in. */
export function consolePages(
  deps: ConsoleDeps,
  { links, sessions }: { links: Links; sessions: Sessions },
): { router: Router; close(): void } {
  const { hosts, controlDb, control, clock, isSecure } = deps;
  const notices = createNotices(createCookie('operator_notice', { isSecure }));
  const inConsoleShare = createPoolShare(1); // as many pages are made at a time as the console has connections of its own
  const view = (req: Request, res: Response): View => ({
    ...viewOf(req, res, { links, now: clock.now(), ...zonesOf(hosts, control.current) }),
    notice: notices.take(req, res),
  });
  const tools: PageTools = {
    ...deps,
    links,
    readHost: createReadHost(createPoolShare(shareOfHosts)),
    viewOf: view,
    page: (render) => async (req, res) => {
      const made = await inConsoleShare(controlDb.pool, () => render(view(req, res), req), atOnce);
      if (typeof made === 'string') res.type('html').send(made);
      else res.redirect(303, links.href(made.redirect));
    },
  };

  const router = express.Router();
  const readOverview = createOverviewReader(deps);
  const live = createLiveOverview({
    sessions,
    begin: (req, res) => {
      const shown = view(req, res);
      return async () => overviewBody({ ...shown, now: clock.now() }, await readOverview()).text;
    },
  });
  router.get(
    '/',
    tools.page(async (shown) => overviewPage(shown, await readOverview())),
  );
  router.get('/live', live.handler);
  router.use(paymentPages(tools));
  router.use(listPages(tools), actionRoutes(tools, notices, inConsoleShare));
  return { router, close: live.close };
}

/** The time zones of this installation: its first host's, where a time belongs to no place. */
function zonesOf(hosts: Pick<Hosts, 'ready'>, control: settings.Control | null): Pick<View, 'timeZone' | 'zoneOf'> {
  const ofHost = new Map(hosts.ready().map(({ id, folder }) => [id, folder.timezone]));
  const timeZone = [...ofHost.values()][0] ?? 'Asia/Jakarta';
  return { timeZone, zoneOf: ({ host, storeId }) => control?.timezones.get(storeId ?? '') ?? ofHost.get(host ?? '') ?? timeZone };
}
