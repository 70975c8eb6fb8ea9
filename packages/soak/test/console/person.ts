import { eventually } from '@gateway/testing/eventually';
import type { Browser, Locator, Page } from 'playwright-core';
import { aVisitor } from '../../../demo/test/browser.ts';

/** A page that a person saw, and how long it took. */
interface SeenPage {
  path: string;
  /** From the click until the page was there with everything it loads, milliseconds. */
  loadMs: number;
  paintMs: number;
}

/**
 * A person at the console in a real browser. They press what they see, by its label. A click is a press on a link, a button or a box to check,
 * counted from the page after the sign-in on. Typing and choosing from a list are none.
 */
export interface Person {
  page: Page;
  clicks: number;
  seen: SeenPage[];
  /** Presses a link or a button with this label. @param within the part of the page in which the person looks */
  press(label: string | RegExp, within?: Locator): Promise<void>;
  /** Types into the field with this label, or chooses from its list. */
  enter(label: string | RegExp, value: string): Promise<void>;
  /** The row of a table, or the item of a list, that has this text. */
  row(text: string | RegExp): Locator;
  /** Waits until the page shows the text. */
  reads(text: string | RegExp): Promise<void>;
  leave(): Promise<void>;
}

export async function signedIn(browser: Browser, url: string, { user, password }: { user: string; password: string }): Promise<Person> {
  const visitor = await aVisitor(browser, url, { viewport: { width: 1280, height: 800 }, timezoneId: 'Asia/Jakarta' });
  const page = await visitor.open('/operator');
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  const person: Person = {
    page,
    clicks: 0,
    seen: [],
    press: async (label, within) => {
      const place = within ?? page.locator('body');
      const name = typeof label === 'string' ? { name: label, exact: true } : { name: label };
      const target = place.getByRole('link', name).or(place.getByRole('button', name)).first();
      await target.waitFor();
      const before = await page.evaluate<number>('performance.timeOrigin');
      await target.click();
      person.clicks += 1;
      person.seen.push(await nextPage(page, before));
    },
    enter: async (label, value) => {
      const field = page.getByLabel(label, typeof label === 'string' ? { exact: true } : {});
      await field.waitFor();
      if ((await field.and(page.locator('select')).count()) > 0) await field.selectOption(value);
      else await field.fill(value);
    },
    row: (text) => page.getByRole('row').or(page.getByRole('listitem')).filter({ hasText: text }).last(),
    reads: (text) => page.locator('main').getByText(text).first().waitFor(),
    leave: async () => {
      expect([visitor.externalRequests, visitor.pageErrors]).toEqual([[], []]);
      await visitor.close();
    },
  };
  return person;
}

interface Timing {
  origin: number;
  path: string;
  loadMs: number;
  paintMs: number | null;
}

const timing = `(() => {
  const [{ loadEventEnd }] = performance.getEntriesByType('navigation');
  const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null;
  return { origin: performance.timeOrigin, path: location.pathname, loadMs: loadEventEnd, paintMs: paint };
})()`;

/** The page that follows a click. */
async function nextPage(page: Page, before: number): Promise<SeenPage> {
  return eventually(async () => {
    const now = await page.evaluate<Timing>(timing).catch(() => null); // null: the page is being left
    return now && now.origin !== before && now.loadMs > 0 && now.paintMs !== null && { ...now, paintMs: now.paintMs };
  });
}
