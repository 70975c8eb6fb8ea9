import { type OwnServer, ownRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';
import type { Browser, Page } from 'playwright-core';
import { aVisitor, describeInBrowser, hasBrowser, openBrowser, waitUntilLive } from './browser.ts';

jest.setTimeout(180_000); // takes 15 s alone, and much longer beside other tests

const orders = 60; // their 120 events are more than a page of the feed
const atOnce = 10;
const minuteMs = 60_000;

let redis: OwnServer & { url: string };
let stack: TestStack;
let proxy: TcpProxy;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  redis = await ownRedis();
  [stack, browser] = await Promise.all([startTestStack({ redisUrl: redis.url }), openBrowser()]);
  proxy = await startTcpProxy(Number(new URL(stack.api).port));
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await redis?.stop();
  await proxy?.disconnect();
});

/** Runs `work` for every item, `atOnce` at a time. */
async function inBatches<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += atOnce) results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  return results;
}

/** The numbers of the orders that were published as paid, by `seq`. */
async function publishedOrders(): Promise<string[]> {
  const { rows } = await stack.pos.query<{ order_number: string }>(
    "select order_number from gateway.payments p join gateway.outbox o on o.payment_id = p.id where o.type = 'order.paid' and o.seq is not null and o.store_id = 'JKT-01' order by o.seq",
  );
  return rows.map(({ order_number }) => order_number);
}

const onBoard = (page: Page): Promise<string[]> =>
  page.evaluate("[...document.querySelectorAll('#tickets > li')].map((ticket) => ticket.dataset.order)");

/** The connection states that the page has shown, in order. */
const statesOf = (page: Page): Promise<string[]> => page.evaluate('states');
const recordStates = `
  globalThis.states = [];
  addEventListener('DOMContentLoaded', () => {
    const pill = document.getElementById('state');
    new MutationObserver(() => states.at(-1) !== pill.dataset.state && states.push(pill.dataset.state))
      .observe(pill, { attributes: true, childList: true });
  });`;

describeInBrowser('a kitchen that was offline for a minute, while 60 orders were paid and Redis was restarted twice', () => {
  it('shows every ticket once, in the order of the payments, also after a reload', async () => {
    const { context, open, close } = await aVisitor(browser, `http://127.0.0.1:${proxy.port}`);
    await context.clock.install();
    await context.addInitScript(recordStates);
    const kitchen = await open('/kitchen');
    await waitUntilLive(kitchen);
    const till = stack.till();
    const placed = await inBatches(Array.from({ length: orders }), async () => till.create(await anOrder(stack.pos)));
    const references = placed.map(({ body }) => body.transaction_id);
    expect(references.filter(Boolean)).toHaveLength(orders);

    await proxy.disconnect();
    await kitchen
      .locator('#state')
      .filter({ hasText: /^Offline since \d\d:\d\d:\d\d$/ })
      .waitFor();
    const half = orders / 2;
    await inBatches(references.slice(0, half), (reference) => stack.simulator.pay(reference));
    await redis.stop();
    await inBatches(references.slice(half, half + atOnce), (reference) => stack.simulator.pay(reference)); // published after Redis is back
    await redis.start();
    await inBatches(references.slice(half + atOnce), (reference) => stack.simulator.pay(reference));
    await redis.stop();
    await redis.start();
    await kitchen.clock.fastForward(minuteMs);
    expect(await kitchen.locator('#state').getAttribute('data-state')).toBe('offline');
    await eventually(async () => (await publishedOrders()).length === orders, 60_000);

    await proxy.reconnect();
    await kitchen.clock.fastForward(minuteMs / 6); // the longest delay before it reconnects
    await waitUntilLive(kitchen);
    await eventually(async () => (await kitchen.locator('#count').textContent()) === String(orders));
    const inOrder = await publishedOrders();
    expect(new Set(inOrder).size).toBe(orders);
    expect(await onBoard(kitchen)).toEqual(inOrder);
    expect(await statesOf(kitchen)).toEqual(['live', 'offline', 'catching up', 'live']);

    await kitchen.reload();
    await waitUntilLive(kitchen);
    expect(await onBoard(kitchen)).toEqual(inOrder);
    await close();
  });
});
