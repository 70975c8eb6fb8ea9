import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const advice = 'Run `apt-get install chromium`, or set CHROMIUM to the path of a Chromium.';
const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser in `CHROMIUM`, else the first one on the PATH; null when this machine has none. */
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

/** Like `describe`. Without a browser the tests count as skipped, and a line on standard error says so. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (!chromiumPath) process.stderr.write(`SKIPPED, no browser found: ${name}. ${advice}\n`);
  (chromiumPath ? describe : describe.skip)(name, tests);
}

export const hasBrowser = chromiumPath !== null;

/** Starts Chromium without a window. As root it needs --no-sandbox, which is safe here: it opens our own pages only. */
export async function openBrowser(): Promise<Browser> {
  if (!chromiumPath) throw new Error(`no Chromium found. ${advice}`);
  return chromium.launch({ executablePath: chromiumPath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** One visitor of the pages, and what their browser noticed. */
export interface Visitor {
  context: BrowserContext;
  open(path: string): Promise<Page>;
  /** Every request of every page that went to another origin. */
  externalRequests: string[];
  /** Errors of scripts, and violations of the content security policy. */
  pageErrors: string[];
  close(): Promise<void>;
}

/** A 7-inch tablet in landscape, in CSS pixels. */
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

/** Resolves when the page receives events. */
export async function waitUntilLive(page: Page): Promise<Page> {
  await page.locator('#state[data-state="live"]').waitFor();
  return page;
}
