import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** Less than half of the size of `axe.source`, and each page reads it again. */
const axe = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

interface Report {
  passes: unknown[];
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}

/** Serious and critical accessibility violations that axe finds. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { passes, violations } = await page.evaluate<Report>(`axe.run(document, { iframes: false, resultTypes: ['violations'] })`);
  expect(passes.length).toBeGreaterThan(10); // proves that the check ran
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

export const fitsTheScreen = (page: Page) =>
  page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
