import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody } from '@gateway/testing/stack/till';
import type { Browser, Locator, Page } from 'playwright-core';
import { aVisitor, type Visitor, waitUntilLive } from './browser.ts';

export type PickedPayment = PaymentBody & { order_number: string };

/** The three screens of one store. Each has a window of its own: of a page behind another one, a browser draws a frame a second. */
export interface ThreeScreens {
  /** Of the till, the kitchen and the phone. */
  visitors: Visitor[];
  cashier: Page;
  kitchen: Page;
  phone: Page;
  /** Somebody sits down, and their order is picked at the till. @returns the payment, once its QR is on the till's screen */
  pick(): Promise<PickedPayment>;
  paymentOf(orderId: string): Promise<PickedPayment>;
  ticketOf(order: Pick<PickedPayment, 'order_number'>): Locator;
  /** The phone has the order's QR. */
  onPhone(order: Pick<PickedPayment, 'order_number'>): Promise<void>;
}

export const shows = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
  page.locator(selector).filter({ hasText: text }).first().waitFor();

export const showsStatus = (page: Page, name: string): Promise<void> => shows(page, '#display-status', new RegExp(`^${name}$`));

export async function openScreens(stack: TestStack, browser: Browser): Promise<ThreeScreens> {
  const paths = ['/cashier', '/kitchen', '/phone'];
  const visitors = await Promise.all(paths.map(() => aVisitor(browser, stack.api)));
  const pages = await Promise.all(visitors.map(({ open }, n) => open(paths[n] ?? '/')));
  await Promise.all(pages.map(waitUntilLive));
  const [cashier, kitchen, phone] = pages as [Page, Page, Page];
  const paymentOf = async (orderId: string) =>
    (await stack.till().request<PickedPayment>('GET', `/transaction/orders/${orderId}/payment`)).body;
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
