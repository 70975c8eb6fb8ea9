import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { checkoutDir } from '@gateway/testing/checkout';
import { readComposeFile } from '@gateway/testing/stack/compose-file';
import { readConfig as readApi } from '../../../services/api/src/config.ts';
import { readConfig as readNotifier } from '../../../services/notifier/src/config.ts';
import { readConfig as readWorker } from '../../../services/worker/src/config.ts';
import { readContext } from '../../ops/src/context.ts';

const demo = parseEnv(readFileSync(path.join(checkoutDir, 'deploy/demo.env'), 'utf8')) as Record<string, string>;
/** What Compose itself reads. None of it reaches a process, except LOCAL_STACK, which is the question. */
const ofCompose = ['COMPOSE_PROFILES', 'LOCAL_STACK', 'POSTGRES_INIT', 'REDIS_USERS', 'API_IMAGE', 'API_TARGET', 'API_PROGRAM'];

const own = Object.fromEntries(
  [
    'POSTGRES_PASSWORD',
    'SERVE_PASSWORD',
    'REDIS_PASSWORD',
    'LINK_SIGNING_KEY',
    'MIDTRANS_SERVER_KEY',
    'XENDIT_SECRET_KEY',
    'XENDIT_CALLBACK_TOKEN',
  ].map((name) => [name, `own-secret-of-this-shop-${name.toLowerCase().replaceAll('_', '-')}`]),
);
const shop = { ...own, POS_DATABASE_URL: 'postgres://pos:own@db.shop/pos', PUBLIC_URL: 'https://pay.shop.id' };

/** Starts the processes of a shop as far as their configuration. @returns what they refuse */
function problemsOfShop(changes: Record<string, string>): string {
  const services = readComposeFile('deploy/shop.env', { ...shop, ...changes });
  const readers = { migrate: readContext, api: readApi, worker: readWorker, notifier: readNotifier };
  return Object.entries(readers)
    .flatMap(([name, read]) => {
      try {
        read(services[name]?.environment ?? {});
        return [];
      } catch (error) {
        return (error as Error).message;
      }
    })
    .join('\n');
}

describe('a shop’s containers', () => {
  it('accept the shop’s own values', () => {
    expect(problemsOfShop({})).toBe('');
  });

  it.each(Object.keys(demo).filter((name) => !ofCompose.includes(name)))(
    'refuse the value that deploy/demo.env has for %s, by name',
    (name) => {
      const url =
        { POSTGRES_PASSWORD: 'CONTROL_MIGRATE_URL', SERVE_PASSWORD: 'CONTROL_DATABASE_URL', REDIS_PASSWORD: 'REDIS_URL' }[name] ?? name; // a password is in a URL there
      expect(problemsOfShop({ [name]: demo[name] as string })).toContain(`  ${url}: is public, it is the demo's in deploy/demo.env`);
    },
  );
});
