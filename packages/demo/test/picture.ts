import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';

const folder = process.env.PICTURES;

/** Takes a screenshot for the README when `npm run pictures` runs the test. Otherwise does nothing. */
export async function picture(place: Page | Locator, name: string): Promise<void> {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  if ('goto' in place) await place.evaluate('scrollTo(0, 0)');
  await place.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
}
