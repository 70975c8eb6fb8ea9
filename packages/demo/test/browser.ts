import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const advice = '`apt-get install chromium`, or set CHROMIUM to the path of one.';
const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** `CHROMIUM`, or what the PATH has; null when there is no browser on this machine. */
const chromiumPath = process.env.CHROMIUM ?? onPath(names);

function onPath(programNames: readonly string[]): string | null {
  const folders = (process.env.PATH ?? '').split(':').filter(Boolean);
  const candidates = folders.flatMap((folder) => programNames.map((name) => path.join(folder, name)));
  return candidates.find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `describe` where there is a browser. Where there is none its tests are counted as skipped, and that is said. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (!chromiumPath) process.stderr.write(`SKIPPED, for want of a browser: ${name}. ${advice}\n`);
  (chromiumPath ? describe : describe.skip)(name, tests);
}

export const hasBrowser = chromiumPath !== null;

/** Chromium without a window. As root it has no sandbox; it sees nothing but our own pages. */
export async function openBrowser(): Promise<Browser> {
  if (!chromiumPath) throw new Error(`there is no Chromium on this machine: ${advice}`);
  return chromium.launch({ executablePath: chromiumPath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** Somebody who looks at the pages, and what their browser noticed. */
export interface Visitor {
  context: BrowserContext;
  open(path: string): Promise<Page>;
  /** Every request of every page, but for those that stayed at the address we gave. */
  externalRequests: string[];
  /** Scripts that failed, and what the pages' policy forbade. */
  pageErrors: string[];
  close(): Promise<void>;
}

/** A small tablet, held crosswise: 7 inches. */
export const tablet = { width: 1024, height: 600 };

export async function aVisitor(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: tablet, locale: 'en-GB', ...options });
  const externalRequests: string[] = [];
  const pageErrors: string[] = [];
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== url) externalRequests.push(request.url());
  });
  context.on('weberror', (error) => pageErrors.push(String(error.error())));
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) pageErrors.push(message.text());
  });
  return {
    context,
    externalRequests,
    pageErrors,
    open: async (at) => {
      const page = await context.newPage();
      await page.goto(new URL(at, url).href);
      return page;
    },
    close: () => context.close(),
  };
}

/** The page, once it hears what happens. */
export async function waitUntilLive(page: Page): Promise<Page> {
  await page.locator('#state[data-state="live"]').waitFor();
  return page;
}
