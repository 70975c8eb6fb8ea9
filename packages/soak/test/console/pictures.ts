import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { aVisitor } from '../../../demo/test/browser.ts';
import { signIn } from '../../../demo/test/console-visit.ts';
import { picture } from '../../../demo/test/picture.ts';

const desktop = { width: 1_440, height: 900 };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

/** The screenshots of docs/console.md. @param payment the id of one with a story */
export async function takePictures(stack: TestStack, browser: Browser, payment: string): Promise<void> {
  const pages: [name: string, path: string, options: BrowserContextOptions][] = [
    ['console-overview-light', '/operator', { viewport: desktop }],
    ['console-overview-dark', '/operator', { viewport: desktop, colorScheme: 'dark' }],
    ['console-overview-phone', '/operator', phone],
    ['console-payment-light', `/operator/payments/${payment}`, { viewport: { ...desktop, height: 1_500 } }],
    ['console-payment-dark', `/operator/payments/${payment}`, { viewport: { ...desktop, height: 1_500 }, colorScheme: 'dark' }],
    ['console-payment-phone-dark', `/operator/payments/${payment}?lang=id`, { ...phone, colorScheme: 'dark' }],
  ];
  for (const [name, path, options] of pages) {
    const visitor = await aVisitor(browser, stack.api, options);
    const page: Page = await signIn(visitor, stack);
    await page.goto(new URL(path, stack.api).href);
    await picture(page, name);
    await visitor.close();
  }
}
