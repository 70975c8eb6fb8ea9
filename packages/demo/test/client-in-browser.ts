import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import type { Page } from 'playwright-core';

const sources = path.join(checkoutDir, 'packages/client/src');
const resolve = createRequire(path.join(checkoutDir, 'packages/client/package.json')).resolve;

/** Serves `/modules/client/index.ts` to this page, as a bundler would: the client without its types, and its dependencies as modules. */
export async function serveClient(page: Page): Promise<void> {
  await page.route('**/modules/**', (route) => {
    const name = new URL(route.request().url()).pathname.replace('/modules/', '');
    return route.fulfill({ contentType: 'text/javascript', body: moduleOf(name) });
  });
}

function moduleOf(name: string): string {
  if (name === 'openapi-fetch') return readFileSync(resolve(name).replace(/cjs$/, 'mjs'), 'utf8');
  if (name === 'standardwebhooks') return fromCommonJs(resolve(name), ['Webhook', 'WebhookVerificationError']);
  const source = stripTypeScriptTypes(readFileSync(path.join(sources, name.replace('client/', '')), 'utf8'));
  return source.replace(/ from '(openapi-fetch|standardwebhooks)'/g, ` from '/modules/$1'`);
}

/** A CommonJS package and what it requires, in one module. */
function fromCommonJs(entry: string, names: readonly string[]): string {
  const files = new Map<string, string>();
  const add = (file: string): string => {
    if (!files.has(file)) {
      files.set(file, '');
      const own = createRequire(file);
      const text = readFileSync(file, 'utf8').replace(/\brequire\("([^"]+)"\)/g, (_, name: string) => `load('${add(own.resolve(name))}')`);
      files.set(file, text);
    }
    return file;
  };
  add(entry);
  const functions = [...files].map(([file, text]) => `'${file}': (module, exports) => {\n${text}\n}`);
  return `const files = {${functions.join(',\n')}};
    const loaded = {};
    function load(file) {
      if (!loaded[file]) files[file]((loaded[file] = { exports: {} }), loaded[file].exports);
      return loaded[file].exports;
    }
    export const { ${names.join(', ')} } = load('${entry}');`;
}
