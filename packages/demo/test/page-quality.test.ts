import { demoKeys } from '@gateway/shared/runtime';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { aVisitor, describeInBrowser, hasBrowser, openBrowser, tablet, type Visitor, waitUntilLive } from './browser.ts';
import { serveClient } from './client-in-browser.ts';

const everyPage = ['/', '/cashier', '/kitchen', '/phone'];
const maxBytes = 60_000;
const paintWithinMs = 300;

let stack: TestStack;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  [stack, browser] = await Promise.all([startTestStack(), openBrowser()]);
  const till = stack.till();
  for (const pay of [true, false]) {
    const { body } = await till.create(await anOrder(stack.pos));
    if (pay) await till.request('POST', `/simulator/payments/${body.payment_id}/pay`);
  }
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

async function withVisitor<Fact>(options: BrowserContextOptions, inspect: (visitor: Visitor) => Promise<Fact>): Promise<Fact> {
  const visitor = await aVisitor(browser, stack.api, options);
  try {
    return await inspect(visitor);
  } finally {
    await visitor.close();
  }
}

/** Opens a page and waits until it shows everything it can: frames are live, a payment is picked. */
async function openFilled(visitor: Visitor, path: string): Promise<Page> {
  const page = await visitor.open(path);
  if (path === '/')
    await Promise.all(
      page
        .frames()
        .slice(1)
        .map((frame) => frame.locator('#state[data-state="live"]').waitFor()),
    );
  else await waitUntilLive(page);
  if (path === '/cashier') {
    await page.locator('.order').first().click();
    await page.locator('#qr img').waitFor();
  }
  if (path === '/kitchen') await page.locator('.ticket').first().waitFor();
  if (path === '/phone') await page.locator('.app').first().waitFor();
  return page;
}

interface Report {
  passes: unknown[];
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}

/** Serious and critical accessibility violations that axe finds. */
async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { passes, violations } = await page.evaluate<Report>('axe.run(document, { iframes: false })');
  expect(passes.length).toBeGreaterThan(10); // proves that the check ran
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

const fitsTheScreen = (page: Page) =>
  page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

const firstPaint = (page: Page) =>
  eventually(() => page.evaluate<number | undefined>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime"));

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; (await page.locator(`${selector}:focus`).count()) === 0; presses += 1) {
    expect(presses).toBeLessThan(15);
    await page.keyboard.press('Tab');
  }
}

describeInBrowser('each page', () => {
  it.each(everyPage)('%s transfers less than 60 kB, images and frames included', async (path) => {
    const bytes = await withVisitor({}, async (visitor) => {
      const page = await visitor.open('/health/live');
      const session = await page.context().newCDPSession(page);
      await session.send('Network.enable');
      let sum = 0;
      session.on('Network.loadingFinished', ({ encodedDataLength }) => {
        sum += encodedDataLength;
      });
      await page.goto(new URL(path, stack.api).href, { waitUntil: 'load' });
      if (path !== '/') await waitUntilLive(page);
      return sum;
    });
    expect(bytes).toBeGreaterThan(2_000);
    expect(bytes).toBeLessThan(maxBytes);
  });

  it.each(everyPage)('%s paints within 300 ms', async (path) => {
    const paints = await withVisitor({}, async (visitor) => {
      const page = await visitor.open(path);
      const times = [await firstPaint(page)];
      // Other tests may slow this machine down for a moment. A page that is too heavy is slow every time.
      while (Math.min(...times) >= paintWithinMs && times.length < 10) {
        await page.reload({ waitUntil: 'load' });
        times.push(await firstPaint(page));
      }
      return times;
    });
    expect(Math.min(...paints)).toBeLessThan(paintWithinMs);
  });

  it.each(everyPage)('%s is accessible and fits: light and dark, in both languages, on a 7-inch tablet held either way', async (path) => {
    const portrait = { width: tablet.height, height: tablet.width };
    const ways = [
      { colorScheme: 'light', locale: 'en-GB', viewport: tablet },
      { colorScheme: 'dark', locale: 'id-ID', viewport: portrait },
    ] as const;
    const checks = ways.map((options) =>
      withVisitor(options, async (visitor) => {
        const page = await openFilled(visitor, path);
        expect(await page.locator('html').getAttribute('lang')).toBe(options.locale.slice(0, 2));
        expect(await accessibilityViolations(page)).toEqual([]);
        expect(await fitsTheScreen(page)).toBe(true);
      }),
    );
    await Promise.all(checks);
  });
});

describeInBrowser('the cashier’s page, by keyboard alone', () => {
  it('picks an order and cancels its QR', async () => {
    await withVisitor({}, async (visitor) => {
      const page = await visitor.open('/cashier');
      await page.locator('.order').first().waitFor();
      await tabTo(page, '.order');
      await page.keyboard.press('Enter');
      await page.locator('#qr img').waitFor();
      await tabTo(page, '#cancel');
      await page.keyboard.press('Enter');
      await page.locator('#display-status[data-status="cancelled"]').waitFor();
    });
  });
});

describeInBrowser('the client of the API', () => {
  it('makes an order payable in a browser, waits until it is paid, throws a refusal, and verifies a webhook', async () => {
    await withVisitor({ bypassCSP: true }, async (visitor) => {
      const page = await visitor.open('/health/live');
      await serveClient(page);
      const inPage = <Fact>(work: string) =>
        page.evaluate<Fact>(`(async () => {
          const { createGatewayClient, verifyWebhook } = await import('/modules/client/index.ts');
          const gateway = createGatewayClient({ baseUrl: location.origin, key: '${demoKeys.pos}' });
          ${work}
        })()`);
      const order = await anOrder(stack.pos);
      const { payment_id: id, transaction_id: reference } = await inPage<{ payment_id: string; transaction_id: string }>(
        `return gateway.payments.create({ order_id: '${order}', expires_in: 900 })`,
      );
      await stack.simulator.pay(reference);
      expect(await inPage(`return (await gateway.payments.waitUntilPaid('${id}', { everyMs: 50 })).status`)).toBe('paid');
      expect(await inPage(`return gateway.payments.cancel('${id}').catch(({ name, code }) => [name, code])`)).toEqual([
        'GatewayProblem',
        'already_paid',
      ]);
      const verified = `
        const { Webhook } = await import('/modules/standardwebhooks');
        const [secret, now, body] = ['whsec_' + btoa('a secret of tests, 32 bytes long'), new Date(), '{"event_id":"evt_1"}'];
        const signature = new Webhook(secret).sign('evt_1', now, body);
        const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(Math.floor(now / 1000)), 'webhook-signature': signature };
        return verifyWebhook(body, headers, secret).event_id`;
      expect(await inPage(verified)).toBe('evt_1');
    });
  });
});
