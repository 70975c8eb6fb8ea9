import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody } from '@gateway/testing/stack/till';
import type { Browser, Locator, Page } from 'playwright-core';
import { aVisitor, type Visitor, waitUntilLive } from './browser.ts';

export type PickedPayment = PaymentBody & { order_number: string };

/** The three screens of one store, each in its own window: a browser draws a page behind another one only once a second. */
export interface ThreeScreens {
  /** The visitors of the cashier's page, the kitchen and the phone. */
  visitors: Visitor[];
  cashier: Page;
  kitchen: Page;
  phone: Page;
  /** Creates an order and picks it on the cashier's page. @returns the payment, once its QR is on the page */
  pick(): Promise<PickedPayment>;
  paymentOf(orderId: string): Promise<PickedPayment>;
  ticketOf(order: Pick<PickedPayment, 'order_number'>): Locator;
  /** Resolves when the phone shows the order. */
  waitOnPhone(order: Pick<PickedPayment, 'order_number'>): Promise<void>;
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
      const placed = cashier.waitForResponse(
        (response) => response.url().endsWith('/demo/orders') && response.request().method() === 'POST',
      );
      await cashier.getByRole('button', { name: 'New order' }).click();
      const { order_id } = (await (await placed).json()) as { order_id: string };
      const row = cashier.locator(`[data-order="${order_id}"]`);
      await row.click();
      await shows(cashier, '#order-title', (await row.locator('b').textContent()) ?? '');
      await cashier.locator('#qr img').waitFor();
      return paymentOf(order_id);
    },
    ticketOf: ({ order_number }) => kitchen.locator(`#tickets [data-order="${order_number}"]`),
    waitOnPhone: ({ order_number }) => shows(phone, '#order-title', order_number),
  };
}
