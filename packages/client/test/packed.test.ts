import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkoutDir } from '@gateway/testing/checkout';

jest.setTimeout(120_000); // two packages are compiled, packed and installed

const run = promisify(execFile);
const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];

/** The folders of the client's dependencies: installed from here, because a test needs no registry. */
function dependencyFolders(): string[] {
  const own = createRequire(path.join(checkoutDir, 'packages/client/package.json'));
  const folderOf = (name: string, from: NodeJS.Require) => path.join(from.resolve(name).split(`${name}/`)[0] ?? '', name);
  const [fetchFolder, webhooks] = [folderOf('openapi-fetch', own), folderOf('standardwebhooks', own)];
  const beside = (folder: string, name: string) => path.join(folder, '..', name);
  return [
    fetchFolder,
    beside(fetchFolder, 'openapi-typescript-helpers'),
    webhooks,
    beside(webhooks, '@stablelib/base64'),
    beside(webhooks, 'fast-sha256'),
  ];
}

describe('the packed clients', () => {
  it('are installed and run in an empty folder, with README and types', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'packed-'));
    const environment = { cwd: folder, env: { ...process.env, npm_config_cache: path.join(folder, 'cache') } };
    try {
      const packages = ['packages/client', 'packages/display-client'].map((name) => path.join(checkoutDir, name));
      await Promise.all([
        ...packages.map((each) => run('npm', ['pack', '--pack-destination', folder, ...quiet], { ...environment, cwd: each })),
        run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, ...quiet, ...dependencyFolders()], environment),
      ]);
      await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
      const archives = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`);
      await run('npm', ['install', '--offline', '--ignore-scripts', ...quiet, ...archives], environment);
      await writeFile(
        path.join(folder, 'try.js'),
        `import { createGatewayClient, verifyWebhook } from '@gateway/client';
         import { followStore } from '@gateway/display-client';
         const { payments } = createGatewayClient({ baseUrl: 'http://127.0.0.1:1', key: 'k', retry: { tries: 1 } });
         const lost = await payments.get('pay_1').catch((error) => error.message);
         console.log(typeof verifyWebhook, typeof followStore, lost);`,
      );
      expect((await run('node', ['try.js'], environment)).stdout.trim()).toBe('function function fetch failed');
      for (const name of ['client', 'display-client']) {
        const files = await readdir(path.join(folder, 'node_modules/@gateway', name), { recursive: true });
        expect(files).toEqual(expect.arrayContaining(['README.md', 'dist/index.d.ts', 'dist/index.js']));
        expect(files.filter((file) => /test|\.map$|^src/.test(file))).toEqual([]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
