import {
  clients,
  consoleLists,
  holds,
  operatorDiscrepancies,
  parked,
  refundApprovals,
  settings,
  storeSettings,
  webhookDeliveries,
} from '@gateway/shared/store';
import express, { type Router } from 'express';
import type pg from 'pg';
import { fromControl, Problem } from '../../http/problem.ts';
import type { PageTools } from '../page-tools.ts';
import { readProviderHealth } from '../provider-health.ts';
import { accountsPage } from './accounts-page.ts';
import { auditLogPage, auditQueryOf } from './audit-log-page.ts';
import { discrepanciesPage } from './discrepancies-page.ts';
import { keysPage } from './keys-page.ts';
import { parkedPage } from './parked-page.ts';
import { paymentsRoute } from './payments-list.ts';
import { refundsPage } from './refunds-page.ts';
import { storesPage } from './stores-page.ts';
import { endpointPage, webhooksPage } from './webhooks-page.ts';

const most = 150; // rows of one page: it stays below 100 kB
const auditRowsOfPage = 100;

/** The lists: what there is, and beside each row what may be done about it. */
export function listPages(tools: PageTools): Router {
  const { hosts, control, controlDb, accounts, redis, page, operations } = tools;
  const { knex } = controlDb;
  const router = express.Router();
  /** The rows of all databases. A database that does not answer in time has none; the overview says so. */
  const everywhere = async <Row>(query: (db: pg.Pool) => Promise<Row[]>): Promise<Row[]> => {
    const results = await Promise.allSettled(hosts.databases().map(({ db }) => tools.readHost(db, () => query(db.pool))));
    return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  };
  const list = (path: string, render: Parameters<PageTools['page']>[0]) => router.get(path, page(render));

  router.get('/payments', paymentsRoute(tools));
  list('/refunds', async (view) => {
    const [rows, waiting] = await Promise.all([
      everywhere((db) => consoleLists.refunds(db, most)),
      everywhere((db) => refundApprovals.listWaiting(db, most)),
    ]);
    return refundsPage(view, rows, waiting);
  });
  list('/discrepancies', async (view) => discrepanciesPage(view, await everywhere((db) => operatorDiscrepancies.listOpen(db, most))));
  list('/parked', async (view) => parkedPage(view, await everywhere((db) => parked.list(db, most))));
  list('/stores', async (view, req) => {
    const [rows, placed] = await fromControl(Promise.all([storeSettings.list(knex), holds.list(knex)]));
    return storesPage(view, req, rows, placed);
  });
  list('/accounts', async (view, req) => {
    const [health, placed] = await Promise.all([readProviderHealth(accounts.all(), redis), fromControl(holds.list(knex))]);
    return accountsPage(view, req, health, placed);
  });
  list('/keys', async (view, req) => keysPage(view, req, await fromControl(clients.list(knex))));
  list('/webhooks', async (view) => {
    const rows = await everywhere((db) => consoleLists.endpoints(db, { limit: most }));
    return webhooksPage(view, rows, settings.activeClientIds(control));
  });
  list('/webhooks/:endpointId', async (view, req) => {
    const id = String(req.params.endpointId);
    const found = await everywhere(async (db) => {
      const [endpoint] = await consoleLists.endpoints(db, { id, limit: 1 });
      const query = { endpointId: id, state: null, after: null, limit: 100 };
      return endpoint ? [{ endpoint, deliveries: await webhookDeliveries.list(db, query) }] : [];
    });
    if (!found[0]) throw new Problem('not_found', view.texts.noSuchEndpoint);
    return endpointPage(view, found[0], settings.activeClientIds(control));
  });
  list('/actions', async (view, req) => {
    const query = auditQueryOf(view, req);
    // A row is in the database of what was changed.
    const found = await operations.inEveryDatabaseAndControl((db) => consoleLists.auditRows(db.pool, query.rows, auditRowsOfPage + 1));
    const rows = found.rows.sort((a, b) => b.at.getTime() - a.at.getTime());
    return auditLogPage(view, query, { rows: rows.slice(0, auditRowsOfPage), hasMore: rows.length > auditRowsOfPage });
  });
  return router;
}
