import { eventually } from '@gateway/testing/eventually';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { aVisitor, describeInBrowser, hasBrowser, openBrowser, waitUntilLive } from './browser.ts';
import { picture } from './picture.ts';
import { scan } from './scan-qr.ts';
import { openScreens, shows, showsStatus, type ThreeScreens } from './three-screens.ts';

let stack: TestStack;
let browser: Browser;
let screens: ThreeScreens;
let cashier: Page;
let kitchen: Page;
let phone: Page;

beforeAll(async () => {
  if (!hasBrowser) return;
  [stack, browser] = await Promise.all([startTestStack(), openBrowser()]);
  screens = await openScreens(stack, browser);
  ({ cashier, kitchen, phone } = screens);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const provider = (name: string) => phone.locator(`[data-provider="${name}"]`);
const scanned = () => eventually(() => scan(cashier.locator('#qr')));

const countTones = `
  globalThis.tones = 0;
  globalThis.OscillatorNode = class extends OscillatorNode {
    constructor(...options) {
      super(...options);
      tones += 1;
    }
  };`;

interface OrderList {
  orders: { number: string; lines: { name: string }[] }[];
}

/** The front page of a new visitor, with its three screens. */
async function openFrontPage() {
  const visitor = await aVisitor(browser, stack.api, { viewport: { width: 1360, height: 1180 } });
  const front = await visitor.open('/');
  const frame = (name: string): FrameLocator => front.frameLocator(`iframe[src^="/${name}"]`);
  const [till, guest, cook] = [frame('cashier'), frame('phone'), frame('kitchen')];
  for (const screen of [till, guest, cook]) await screen.locator('#state[data-state="live"]').waitFor();
  return { visitor, front, till, guest, cook };
}

describeInBrowser('the pages of the demo', () => {
  it('work side by side on the front page', async () => {
    const { visitor, front, till, guest, cook } = await openFrontPage();
    const tickets = await cook.locator('.ticket').count();
    await picture(front.locator('.screens'), 'flow-1');
    await till.locator('.order').first().click();
    await till.locator('#qr img').waitFor();
    const title = (await till.locator('#order-title').textContent()) ?? '';
    const number = /[A-Z]-\w+/.exec(title)?.[0] ?? 'none';
    await guest.locator('#order-title').filter({ hasText: number }).waitFor();
    await picture(front.locator('.screens'), 'flow-2');
    await guest.getByRole('button', { name: 'Pay with GoPay' }).click();
    await cook.locator(`[data-order="${number}"]`).waitFor();
    await till.locator('#display-status[data-status="paid"]').waitFor();
    await picture(front.locator('.screens'), 'flow-3');
    expect(await cook.locator('.ticket').count()).toBe(tickets + 1);
    const links = await front.locator('.links a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual(['/docs', '/operator', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), '/health/ready']);
    expect([visitor.externalRequests, visitor.pageErrors]).toEqual([[], []]);
    await visitor.close();
  });

  it('end the tour of the front page with a till without a database: its order comes by API, is paid and reaches the kitchen', async () => {
    const { visitor, front, till, guest, cook } = await openFrontPage();
    for (const screen of [till, guest, cook]) await screen.locator('#store').selectOption('DPS-01');
    await eventually(() => front.frames().filter((frame) => frame.url().includes('store=DPS-01')).length === 3);
    for (const screen of [till, guest, cook]) await screen.locator('#state[data-state="live"]').waitFor();
    await till.getByRole('button', { name: 'New order' }).click();
    await till.locator('.order').first().click();
    await till.locator('#qr img').waitFor();
    const { orders } = (await stack.till('sk_test_till_demo').request<OrderList>('GET', '/stores/DPS-01/orders')).body;
    const [order] = orders as [OrderList['orders'][0]];
    await guest.locator('#order-title').filter({ hasText: order.number }).waitFor();
    await guest.getByRole('button', { name: 'Pay with GoPay' }).click();
    const dishes = cook.locator(`[data-order="${order.number}"] .dish`);
    await dishes.first().waitFor();
    await till.locator('#display-status[data-status="paid"]').waitFor();
    const shown = await dishes.allTextContents();
    expect(order.lines.map(({ name }, n) => shown[n]?.includes(name))).toEqual(order.lines.map(() => true));
    expect([visitor.externalRequests, visitor.pageErrors]).toEqual([[], []]);
    await visitor.close();
  });

  it('carry an order from the cashier over the phone to the kitchen', async () => {
    const payment = await screens.pick();
    await shows(cashier, '#amount', new Intl.NumberFormat('id-ID').format(payment.amount));
    await shows(cashier, '#time-left', /^1[45]:\d\d left$/);
    await screens.waitOnPhone(payment);
    await shows(cashier, '#timeline .next', 'Waiting for the guest to pay');
    await Promise.all([picture(cashier, 'cashier'), picture(phone, 'phone')]);
    await phone.getByRole('button', { name: 'Pay with DANA' }).click();
    await showsStatus(cashier, 'Paid');
    await showsStatus(phone, 'Paid');
    await screens.ticketOf(payment).waitFor();
    const { rows } = await stack.pos.query('select name from pos.order_items where order_id = $1 order by line_no', [payment.order_id]);
    const dishes = await screens.ticketOf(payment).locator('.dish').allTextContents();
    expect(dishes.map((dish) => dish.replace(/^\d+ × /, ''))).toEqual(rows.map(({ name }) => name));
  });

  it('show the charge’s QR so that a camera can read it, and show it again after a reload', async () => {
    const { qr_string, transaction_id } = await screens.pick();
    expect(await scanned()).toBe(qr_string);
    const [charge] = await stack.simulator.charges(transaction_id);
    expect(charge).toMatchObject({ qr_string });
    await cashier.reload();
    await cashier.locator('#qr img').waitFor();
    expect(await scanned()).toBe(qr_string);
  });

  it('cancel a QR and make another one', async () => {
    const first = await screens.pick();
    await cashier.getByRole('button', { name: 'Cancel' }).click();
    await showsStatus(cashier, 'Cancelled');
    expect(await cashier.locator('#qr img').count()).toBe(0);
    await cashier.getByRole('button', { name: 'New QR' }).click();
    await showsStatus(cashier, 'Waiting for the guest');
    const second = await screens.paymentOf(first.order_id);
    expect(second.payment_id).not.toBe(first.payment_id);
    expect(await scanned()).toBe(second.qr_string);
  });

  it('show the provider’s answer after “Check now”, when its webhooks are lost', async () => {
    const { transaction_id } = await screens.pick();
    await stack.simulator.setDeliveryRules({ drop: 1 });
    await stack.simulator.pay(transaction_id);
    await cashier.getByRole('button', { name: 'Check now' }).click();
    await showsStatus(cashier, 'Paid');
    await stack.simulator.setDeliveryRules({});
  });

  it('refund a part, and show the timeline in the language of the page', async () => {
    const payment = await screens.pick();
    await stack.simulator.pay(payment.transaction_id, { issuer: 'dana' });
    await showsStatus(cashier, 'Paid');
    await cashier.getByRole('button', { name: 'Refund…' }).click();
    await cashier.getByLabel('Amount, Rp').fill('5000');
    await cashier.getByRole('dialog').getByRole('button', { name: 'Refund' }).click();
    await showsStatus(cashier, 'Partly refunded');
    await shows(cashier, '#timeline', /was asked for.*can be paid.*The guest paid.*5\.000 is back with the guest/);
    expect((await screens.paymentOf(payment.order_id)).refunded_amount).toBe(5_000);
    await cashier.goto(`${stack.api}/cashier?lang=id&order=${payment.order_id}`);
    await showsStatus(cashier, 'Dikembalikan sebagian');
    await shows(cashier, '#timeline', /dibayar.*kembali/i);
    await cashier.goto(`${stack.api}/cashier?lang=en`);
  });

  it('get a QR from the other provider when one was set to Down on the phone', async () => {
    await provider('midtrans').getByRole('radio', { name: 'Down' }).check();
    await shows(phone, '#message', 'Midtrans cannot be reached.');
    await screens.waitOnPhone(await screens.pick());
    await shows(phone, '#provider', 'This QR came from Xendit.');
    await provider('midtrans').getByRole('radio', { name: 'Normal' }).check();
    await shows(phone, '#message', 'Midtrans works normally.');
  });

  it('make a provider slow and drop its webhooks from the phone', async () => {
    const xendit = provider('xendit');
    await xendit.getByRole('radio', { name: 'Slow' }).check();
    await shows(phone, '#message', 'Xendit answers three seconds late.');
    await xendit.getByRole('checkbox').check();
    await shows(phone, '#message', 'Webhooks are dropped');
    const { body } = await stack.till().request<{ providers: Record<string, unknown> }>('GET', '/simulator/control/');
    expect(body.providers.xendit).toMatchObject({ faults: [{ fault: 'slow', delay_ms: 3_000 }], travel: { drop: 1 } });
    await phone.reload(); // after it the switches show the simulator's state
    await xendit.locator('[value="slow"]:checked').waitFor();
    await xendit.locator('[type="checkbox"]:checked').waitFor();
    await xendit.getByRole('radio', { name: 'Normal' }).check();
    await shows(phone, '#message', 'Xendit works normally.');
    await stack.simulator.setDeliveryRules({});
  });

  it('show a QR that expired, and accept money that comes late', async () => {
    const payment = await screens.pick();
    await stack.simulator.expire(payment.transaction_id);
    await showsStatus(cashier, 'Expired');
    await shows(phone, '#over', 'must not be scanned any more');
    await phone.getByRole('button', { name: 'Pay with OVO' }).click();
    await showsStatus(cashier, 'Paid late');
    await screens.ticketOf(payment).waitFor();
  });

  it('let the guest pay late with one press', async () => {
    const payment = await screens.pick();
    await screens.waitOnPhone(payment);
    await phone.getByRole('button', { name: 'Pay late' }).click();
    await showsStatus(cashier, 'Paid late');
    await screens.ticketOf(payment).waitFor();
  });

  it('cook an order that was paid twice only once, and refund the second payment', async () => {
    const payment = await screens.pick();
    await screens.waitOnPhone(payment);
    await phone.getByRole('button', { name: 'Pay twice' }).click();
    await shows(cashier, '#message', /a refund is pending/);
    await screens.ticketOf(payment).waitFor();
    expect(await screens.ticketOf(payment).count()).toBe(1);
    const { rows } = await stack.pos.query(
      `select p.order_key from gateway.refunds r join gateway.payments p on p.id = r.payment_id where r.cause = 'duplicate'`,
    );
    expect(rows).toEqual([{ order_key: payment.order_id }]); // one refund: of the QR whose money came second
  });

  it('keep done tickets over a reload, in this kitchen only', async () => {
    const [first, second] = [await screens.pick(), await screens.pick()];
    for (const payment of [first, second]) {
      await stack.simulator.pay(payment.transaction_id);
      await screens.ticketOf(payment).waitFor();
    }
    await kitchen.getByRole('button', { name: `Done: order ${first.order_number}` }).press('Enter');
    await screens.ticketOf(first).waitFor({ state: 'detached' });
    await kitchen.reload();
    await screens.ticketOf(second).waitFor();
    expect(await screens.ticketOf(first).count()).toBe(0);
    await kitchen.emulateMedia({ colorScheme: 'dark' });
    await picture(kitchen, 'kitchen');
    const otherVisitor = await aVisitor(browser, stack.api);
    const otherKitchen = await otherVisitor.open('/kitchen');
    await otherKitchen.locator(`#tickets [data-order="${first.order_number}"]`).waitFor();
    await otherVisitor.close();
  });

  it('chime in the kitchen when a ticket arrives, unless the sound is off', async () => {
    const cook = await aVisitor(browser, stack.api);
    await cook.context.addInitScript(countTones);
    const page = await cook.open('/kitchen');
    await waitUntilLive(page);
    const payAndCountTones = async () => {
      const payment = await screens.pick();
      await stack.simulator.pay(payment.transaction_id);
      await page.locator(`#tickets [data-order="${payment.order_number}"]`).waitFor();
      return page.evaluate<number>('tones');
    };
    await page.getByRole('heading', { name: 'To cook' }).click(); // browsers allow sound only after a person has touched the page
    expect(await payAndCountTones()).toBe(2);
    await page.getByRole('switch', { name: 'Sound' }).uncheck();
    expect(await payAndCountTones()).toBe(2);
    await page.reload();
    expect(await page.getByRole('switch', { name: 'Sound' }).isChecked()).toBe(false);
    await cook.close();
  });

  it('wait with a message in a browser that has four streams open', async () => {
    const visitor = await aVisitor(browser, stack.api);
    const [first] = await Promise.all(
      ['/kitchen', '/cashier', '/phone', '/kitchen'].map(async (path) => waitUntilLive(await visitor.open(path))),
    );
    const fifth = await visitor.open('/phone');
    await shows(fifth, '#state', 'this browser already has four open streams');
    await first?.close();
    await waitUntilLive(fifth);
    await visitor.close();
  });

  it('send no request to another origin, and cause no script error', () => {
    expect(screens.visitors.flatMap(({ externalRequests, pageErrors }) => [...externalRequests, ...pageErrors])).toEqual([]);
  });
});
