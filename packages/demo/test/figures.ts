// Measures p50 and p99 from the pay button to the ticket on the kitchen's screen, with one till and with twenty, and each page's first
// paint and transferred bytes. Needs a running `npm start`:
// `DATA_DIR=… node --conditions=source packages/demo/test/figures.ts [payments, 200]`
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '@gateway/testing/eventually';
import { type Till, tillAt } from '@gateway/testing/stack/till';
import type { Page } from 'playwright-core';
import { aVisitor, openBrowser, waitUntilLive } from './browser.ts';

const timeoutMs = 60_000;
const payments = Number(process.argv[2] ?? 200);
const { api } = JSON.parse(readFileSync(path.join(process.env.DATA_DIR ?? '.data', 'stack.json'), 'utf8')) as { api: string };
const till = tillAt(api, 'sk_test_pos_demo');

/** Runs in the page: records when each ticket was first on the screen, after the frame that shows it. */
const recordTickets = `
  globalThis.shownAt = {};
  addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => {
    const orders = changes.flatMap(({ addedNodes }) => [...addedNodes]).map((node) => node.dataset?.order).filter(Boolean);
    if (orders.length) requestAnimationFrame(() => setTimeout(() => { for (const order of orders) shownAt[order] ??= Date.now(); }));
  }).observe(document.getElementById('tickets'), { childList: true }));`;

async function payable(by: Till): Promise<{ payment_id: string; order_number: string }> {
  const { body: placed } = await by.request<{ order_id: string }>('POST', '/demo/orders', { body: { store_id: 'JKT-01' } });
  return (await by.create(placed.order_id)).body as unknown as { payment_id: string; order_number: string };
}

const shownAt = (kitchen: Page, order: string): Promise<number> =>
  eventually(() => kitchen.evaluate<number | undefined>(`shownAt[${JSON.stringify(order)}]`), timeoutMs);

function report(title: string, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
  console.log(`${title.padEnd(52)} p50 ${at(0.5)}, p99 ${at(0.99)}, ${times.length} times`);
}

const browser = await openBrowser();
// Two windows, because a browser draws a page behind another one only once a second.
const [cook, guest] = [await aVisitor(browser, api), await aVisitor(browser, api)];
await cook.context.addInitScript(recordTickets);
const [kitchen, phone] = await Promise.all([cook.open('/kitchen'), guest.open('/phone')]);
await Promise.all([waitUntilLive(kitchen), waitUntilLive(phone)]);

const one: number[] = [];
for (let n = 0; n < payments; n += 1) {
  const { order_number } = await payable(till);
  await phone.locator('#order-title').filter({ hasText: order_number }).waitFor();
  const pressed = await phone.evaluate<number>("(document.querySelector('[data-app=dana]').click(), Date.now())");
  one.push((await shownAt(kitchen, order_number)) - pressed);
}
report('pay button → ticket on the screen, one till', one);
await guest.close();

const twenty: number[] = [];
await Promise.all(
  Array.from({ length: 20 }, async () => {
    for (let n = 0; n < payments / 20; n += 1) {
      const { payment_id, order_number } = await payable(till);
      const pressed = Date.now();
      await till.request('POST', `/simulator/payments/${payment_id}/pay`, { body: { issuer: 'dana' } });
      twenty.push((await shownAt(kitchen, order_number)) - pressed);
    }
  }),
);
report('pay button → ticket on the screen, twenty tills', twenty);
await cook.close();

for (const at of ['/', '/cashier', '/kitchen', '/phone']) {
  const paints: number[] = [];
  let bytes = 0;
  for (let n = 0; n < 10; n += 1) {
    const fresh = await aVisitor(browser, api); // an empty cache
    const page = await fresh.context.newPage();
    const session = await fresh.context.newCDPSession(page);
    await session.send('Network.enable');
    bytes = 0;
    const own = new Set<string>(); // the page and its files, not the orders that it loads
    session.on('Network.responseReceived', ({ requestId, type }) => {
      if (type !== 'Fetch') own.add(requestId);
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (own.has(requestId)) bytes += encodedDataLength;
    });
    await page.goto(new URL(at, api).href, { waitUntil: 'load' });
    const paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
    paints.push(await eventually(() => page.evaluate<number | undefined>(paint), timeoutMs));
    await fresh.close();
  }
  report(`first paint of ${at}, ${(bytes / 1_000).toFixed(1)} kB`, paints);
}
await browser.close();
