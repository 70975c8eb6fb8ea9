import type { Browser, Page } from 'playwright-core';
import { type Cable, layCable } from '../../../../testing/cable.ts';
import { eventually } from '../../../../testing/eventually.ts';
import { type House, startHouse } from '../../../../testing/house.ts';
import { anOrder } from '../../../../testing/pos-orders.ts';
import { type OwnServer, ownRedis } from '../../../../testing/servers.ts';
import { aVisitor, describeInBrowser, hasBrowser, isLive, openBrowser } from './browser.ts';

import.meta.jest.setTimeout(180_000); // 15 s; much longer when everybody else tests, too

const orders = 200;
const atOnce = 10;
const minuteMs = 60_000;

let redis: OwnServer & { url: string };
let house: House;
let cable: Cable;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  redis = await ownRedis();
  [house, browser] = await Promise.all([startHouse({ redisUrl: redis.url }), openBrowser()]);
  cable = await layCable(Number(new URL(house.api).port));
});
afterAll(async () => {
  await browser?.close();
  await house?.stop();
  await redis?.stop();
  await cable?.pull();
});

/** Each item in turn, so many at a time. */
async function each<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += atOnce) results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  return results;
}

/** The orders that were told to be cooked, in the order they were told in. */
async function told(): Promise<string[]> {
  const { rows } = await house.pos.query<{ order_number: string }>(
    "select order_number from gateway.payments p join gateway.outbox o on o.payment_id = p.id where o.type = 'order.paid' and o.seq is not null and o.store_id = 'JKT-01' order by o.seq",
  );
  return rows.map(({ order_number }) => order_number);
}

const onBoard = (page: Page): Promise<string[]> =>
  page.evaluate("[...document.querySelectorAll('#tickets > li')].map((ticket) => ticket.dataset.order)");

/** What the page said of its line, one word after the other. */
const statesOf = (page: Page): Promise<string[]> => page.evaluate('states');
const rememberStates = `
  globalThis.states = [];
  addEventListener('DOMContentLoaded', () => {
    const pill = document.getElementById('state');
    new MutationObserver(() => states.at(-1) !== pill.dataset.state && states.push(pill.dataset.state))
      .observe(pill, { attributes: true, childList: true });
  });`;

describeInBrowser('a kitchen that was offline for a minute, while 200 orders were paid and Redis was restarted twice', () => {
  it('has every ticket once, in the order they were paid, also after a reload', async () => {
    const { context, open, leave } = await aVisitor(browser, `http://127.0.0.1:${cable.port}`);
    await context.clock.install();
    await context.addInitScript(rememberStates);
    const kitchen = await open('/kitchen');
    await isLive(kitchen);
    const till = house.till();
    const placed = await each(Array.from({ length: orders }), async () => till.create(await anOrder(house.pos)));
    const references = placed.map(({ body }) => body.transaction_id);
    expect(references.filter(Boolean)).toHaveLength(orders);

    await cable.pull();
    await kitchen
      .locator('#state')
      .filter({ hasText: /^Offline since \d\d:\d\d:\d\d$/ })
      .waitFor();
    const half = orders / 2;
    await each(references.slice(0, half), (reference) => house.simulator.pay(reference));
    await redis.stop();
    await each(references.slice(half, half + atOnce), (reference) => house.simulator.pay(reference)); // nobody hears of these now
    await redis.start();
    await each(references.slice(half + atOnce), (reference) => house.simulator.pay(reference));
    await redis.stop();
    await redis.start();
    await kitchen.clock.fastForward(minuteMs);
    expect(await kitchen.locator('#state').getAttribute('data-state')).toBe('offline');
    await eventually(async () => (await told()).length === orders, 60_000);

    await cable.plugIn();
    await kitchen.clock.fastForward(minuteMs / 6); // the longest that it waits before it connects again
    await isLive(kitchen);
    await eventually(async () => (await kitchen.locator('#count').textContent()) === String(orders), 10_000);
    const inOrder = await told();
    expect(new Set(inOrder).size).toBe(orders);
    expect(await onBoard(kitchen)).toEqual(inOrder);
    expect(await statesOf(kitchen)).toEqual(['live', 'offline', 'catching up', 'live']);

    await kitchen.reload();
    await isLive(kitchen);
    expect(await onBoard(kitchen)).toEqual(inOrder);
    await leave();
  });
});
