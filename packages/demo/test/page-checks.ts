import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Report {
  passes: unknown[];
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}

/** Serious and critical accessibility violations that axe finds. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { passes, violations } = await page.evaluate<Report>(`axe.run(document, { iframes: false, resultTypes: ['violations'] })`);
  expect(passes.length).toBeGreaterThan(10); // proves that the check ran
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

export const fitsTheScreen = (page: Page) =>
  page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
