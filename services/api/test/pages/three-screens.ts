import type { Browser, Locator, Page } from 'playwright-core';
import type { House } from '../../../../testing/house.ts';
import type { PaymentBody } from '../../../../testing/till.ts';
import { aVisitor, isLive, type Visitor } from './browser.ts';

export type Picked = PaymentBody & { order_number: string };

/** The three screens of one store. Each has a window of its own: of a page behind another one, a browser draws a frame a second. */
export interface ThreeScreens {
  /** Of the till, the kitchen and the phone. */
  visitors: Visitor[];
  cashier: Page;
  kitchen: Page;
  phone: Page;
  /** Somebody sits down, and their order is picked at the till. @returns the payment, once its QR is on the till's screen */
  pick(): Promise<Picked>;
  paymentOf(orderId: string): Promise<Picked>;
  ticketOf(order: Pick<Picked, 'order_number'>): Locator;
  /** The phone has the order's QR. */
  onPhone(order: Pick<Picked, 'order_number'>): Promise<void>;
}

export const shows = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
  page.locator(selector).filter({ hasText: text }).first().waitFor();

export const standing = (page: Page, name: string): Promise<void> => shows(page, '#standing', new RegExp(`^${name}$`));

export async function openScreens(house: House, browser: Browser): Promise<ThreeScreens> {
  const paths = ['/cashier', '/kitchen', '/phone'];
  const visitors = await Promise.all(paths.map(() => aVisitor(browser, house.api)));
  const pages = await Promise.all(visitors.map(({ open }, n) => open(paths[n] ?? '/')));
  await Promise.all(pages.map(isLive));
  const [cashier, kitchen, phone] = pages as [Page, Page, Page];
  const paymentOf = async (orderId: string) => (await house.till().request<Picked>('GET', `/transaction/orders/${orderId}/payment`)).body;
  return {
    visitors,
    cashier,
    kitchen,
    phone,
    paymentOf,
    pick: async () => {
      const placed = cashier.waitForResponse((answer) => answer.url().endsWith('/demo/orders') && answer.request().method() === 'POST');
      await cashier.getByRole('button', { name: 'New order' }).click();
      const { order_id } = (await (await placed).json()) as { order_id: string };
      const row = cashier.locator(`[data-order="${order_id}"]`);
      await row.click();
      await shows(cashier, '#order-title', (await row.locator('b').textContent()) ?? '');
      await cashier.locator('#qr img').waitFor();
      return paymentOf(order_id);
    },
    ticketOf: ({ order_number }) => kitchen.locator(`#tickets [data-order="${order_number}"]`),
    onPhone: ({ order_number }) => shows(phone, '#order-title', order_number),
  };
}
