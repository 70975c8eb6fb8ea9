import { eventually } from '@gateway/testing/eventually';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { aVisitor, describeInBrowser, openBrowser } from '../../demo/test/browser.ts';
import { signIn } from '../../demo/test/console-visit.ts';
import { picture } from '../../demo/test/picture.ts';
import { displayed, type Made, paid, paidLate } from './console/past-payments.ts';
import { approvalFrom, withPersons } from './console/stack.ts';

const desktop = { width: 1_440, height: 900 };
const tall = { width: 1_440, height: 1_500 };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

/** A busy quarter of an hour in a few seconds: most is well, and some things need a person. @returns the payment whose till waited */
async function trade(stack: TestStack): Promise<Made> {
  const sell = (total: number, outlet = 'JKT-01') => displayed(stack, { total, outlet });
  for (let n = 0; n < 40; n++) await paid(stack, await sell(20_000 + 500 * n), { issuer: n % 3 ? 'gopay' : 'dana' });
  await paid(stack, await sell(40_000, 'BDG-01'), { issuer: 'dana', amount: 45_000 });
  await paidLate(stack, await sell(35_000), 'gopay');
  const large = await paid(stack, await sell(approvalFrom + 10_000), { issuer: 'dana' });
  await stack.till().request('POST', `/transaction/payments/${large.id}/refunds`, {
    body: { amount: approvalFrom + 10_000, reason: 'cold' },
    headers: { 'idempotency-key': large.id },
  });
  await stack.simulator.fault('midtrans', { operation: 'create', fault: 'hang', times: 1 });
  const slow = await paid(stack, await sell(55_000), { issuer: 'dana' });
  await stack.simulator.clearFaults();
  return slow;
}

/** The daily audit is due now. */
async function auditOnce({ pos }: TestStack): Promise<void> {
  await pos.query('update gateway.audit_schedule set next_at = now()');
  const lookEveryMs = 60_000; // of the worker
  await eventually(async () => (await pos.query('select from gateway.audit_runs')).rowCount === 1, 3 * lookEveryMs);
}

(process.env.PICTURES ? describeInBrowser : describe.skip)('the pictures of docs/console.md', () => {
  it('are taken', async () => {
    const [stack, browser]: [TestStack, Browser] = await Promise.all([startTestStack({ environment: await withPersons() }), openBrowser()]);
    const { id } = await trade(stack);
    await auditOnce(stack);
    const dark = { colorScheme: 'dark' } as const;
    const pages: [name: string, path: string, options: BrowserContextOptions][] = [
      ['console-overview-light', '/operator', { viewport: desktop }],
      ['console-overview-dark', '/operator', { viewport: desktop, ...dark }],
      ['console-overview-phone', '/operator', phone],
      ['console-payment-light', `/operator/payments/${id}`, { viewport: tall }],
      ['console-payment-dark', `/operator/payments/${id}`, { viewport: tall, ...dark }],
      ['console-payment-phone-dark', `/operator/payments/${id}?lang=id`, { ...phone, ...dark }],
    ];
    for (const [name, path, options] of pages) {
      const visitor = await aVisitor(browser, stack.api, options);
      const page = await signIn(visitor, stack);
      await page.goto(new URL(path, stack.api).href);
      await picture(page, name);
      await visitor.close();
    }
    await browser.close();
    await stack.stop();
  }, 300_000);
});
