import { audit } from '@gateway/operations/audit';
import { createMetrics, plusMs } from '@gateway/shared/runtime';
import { operatorDiscrepancies, operatorHostWrites, operatorRefunds, parked, replay, retention, storeMetrics } from '@gateway/shared/store';
import { startApiHarness } from '@gateway/testing/api/api-harness';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { assignSequence } from '@gateway/testing/relay/event-fixtures';
import { tillAt } from '@gateway/testing/stack/till';
import fc from 'fast-check';
import { startModelRun } from '../model/model-run.ts';
import { stepsOnAnyHost } from '../model/steps.ts';
import { sendRareStatements } from './rare-statements.ts';

/** Runs random scenarios of orders, every request of tills and screens, and what operators and maintenance do. */
export async function runEverything(): Promise<void> {
  await runScenarios();
  const api = await startApiHarness();
  await sendRequests(api);
  await runOperations(api);
  await api.close();
}

async function runScenarios(): Promise<void> {
  const modelRun = await startModelRun();
  const scenarios = fc.sample(fc.commands([stepsOnAnyHost], { maxCommands: 30, size: 'max' }), { numRuns: 12, seed: 7 });
  for (const [index, scenario] of scenarios.entries()) {
    await modelRun.begin({ hostId: 'pos', isAtOnce: index % 2 === 0 });
    await fc.asyncModelRun(() => ({ model: modelRun, real: modelRun }), scenario);
    await modelRun.settle();
  }
  await modelRun.close();
}

type Api = Awaited<ReturnType<typeof startApiHarness>>;

async function sendRequests(api: Api): Promise<void> {
  const till = tillAt(api.url, api.key);
  const asyncHeaders = { prefer: 'respond-async', 'idempotency-key': 'one' };
  const order = await anOrder(api.db.pool);
  const { payment_id: id } = (await till.create(order, asyncHeaders)).body;
  await till.get(id);
  await till.check(id, asyncHeaders);
  await till.request('GET', `/transaction/orders/${order}/payment`);
  for (const query of [
    '',
    '?live=true',
    '?status=paid',
    '?store_id=JKT-01',
    `?order_id=${order}`,
    '?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z',
  ])
    await till.request('GET', `/transaction/payments${query}`);
  await till.request('GET', `/transaction/payments/${id}/timeline`);
  await till.request('GET', `/transaction/payments/${id}/refunds`);
  await till.request('POST', `/transaction/payments/${id}/refunds`, { body: { amount: 1, reason: 'cold' }, headers: asyncHeaders });
  await assignSequence(api.db);
  for (const path of ['events?after=0', 'snapshot']) await till.request('GET', `/stores/JKT-01/${path}`);
  await till.cancel(id, asyncHeaders);
  await sendRareStatements(api.db, id, api.clock.now());
}

/** What operators, maintenance and a scrape of the metrics send. */
async function runOperations({ db, clock }: Api): Promise<void> {
  const { pool } = db;
  const now = clock.now();
  // One minute, because the planner estimates how many payments are younger from at most a hundred ids: a day may look like a long time.
  await audit({ db: pool, hosts: [], readCharges: async () => [], now, since: plusMs(now, -60_000) });
  await operatorDiscrepancies.listOpen(pool, 50);
  await operatorRefunds.listPending(pool, 50);
  await parked.list(pool, 50);
  const by = { actor: 'test', at: now };
  await replay.range(db, { since: now, until: null, account: null, everyMs: 100 }, by);
  await replay.one(db, { id: 0, host: 'pos' }, by);
  await operatorHostWrites.retry(db, { id: 0, host: 'pos' }, by);
  await retention.createPartitions(db, now);
  await retention.dropExpiredPartitions(db, now);
  await retention.pruneRows(db, now);
  const registry = createMetrics('test');
  storeMetrics.create(registry, () => [{ database: 'test', db }], clock);
  await registry.metrics();
}
