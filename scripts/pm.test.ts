import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A checkout that contains pm.mjs only, and a PATH with node and an `npm` written here. */
const checkout = mkdtempSync(path.join(tmpdir(), 'checkout-'));
afterAll(() => rmSync(checkout, { recursive: true }));

beforeAll(() => {
  cpSync(path.join(import.meta.dirname, 'pm.mjs'), path.join(checkout, 'scripts/pm.mjs'));
  cpSync(path.join(import.meta.dirname, 'pnpm'), path.join(checkout, 'scripts/pnpm'), { recursive: true });
  mkdirSync(path.join(checkout, 'bin'));
  symlinkSync(process.execPath, path.join(checkout, 'bin/node'));
});

const { dependencies } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'pnpm/package.json'), 'utf8'));

/** Creates the pinned version of a pnpm that installs nothing and takes 0.3 s. */
const npmThatFetchesPnpm = `#!/bin/sh
/bin/mkdir -p "$3/node_modules/.bin" "$3/node_modules/pnpm"
echo '{"version":"${dependencies.pnpm}"}' > "$3/node_modules/pnpm/package.json"
printf '#!/bin/sh\\n/bin/sleep 0.3\\necho $XDG_RUNTIME_DIR >> installs\\n' > "$3/node_modules/.bin/pnpm"
/bin/chmod +x "$3/node_modules/.bin/pnpm"
`;

describe('the first command on a bare clone', () => {
  it('without a network prints the reason and the path of the full output', async () => {
    installNpm('#!/bin/sh\necho "npm error code ENOTFOUND" >&2\nexit 1\n');
    const { code, printed } = await run();
    expect(code).toBe(1);
    expect(printed).toBe(
      `fetching pnpm…\nCannot install: \`npm install\` failed (ENOTFOUND). The first installation needs the npm registry. The full output is in ${checkout}/.tools/install.log.\n`,
    );
  });

  it('without npm prints that npm was not found', async () => {
    rmSync(path.join(checkout, 'bin/npm'), { force: true });
    expect(await run()).toEqual({ code: 1, printed: 'fetching pnpm…\nCannot run npm: spawn npm ENOENT\n' });
  });

  it('waits for another command that installs, and fetches pnpm once', async () => {
    installNpm(npmThatFetchesPnpm);
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ printed }) => printed).join('')).toMatch(/waiting for process \d+, which is installing here…/);
    expect(both.filter(({ printed }) => printed.includes('fetching pnpm'))).toHaveLength(1);
  });

  it('keeps the files of the installer inside the checkout', () => {
    expect(readFileSync(path.join(checkout, 'installs'), 'utf8')).toBe(`${checkout}/.tools/run\n`.repeat(2));
  });

  it('takes over the lock of a command that was killed while it installed', async () => {
    writeFileSync(path.join(checkout, '.tools/install.lock'), '4194304');
    expect((await run()).code).toBe(0);
  });
});

it('pnpm and each of its packages have a hash, of the version that is pinned, and no address of a registry', () => {
  const { packages } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'pnpm/package-lock.json'), 'utf8'));
  const { '': root, ...fetched } = packages as Record<string, { version: string; integrity?: string; resolved?: string }>;
  expect(root).toMatchObject({ dependencies });
  expect(fetched['node_modules/pnpm']).toBeDefined();
  for (const [name, { version, integrity, resolved }] of Object.entries(fetched))
    expect([name, version, integrity, resolved]).toEqual([
      name,
      dependencies.pnpm,
      expect.stringMatching(/^sha512-[\w+/]{86}==$/),
      undefined,
    ]);
});

describe('npm start', () => {
  it('on SIGTERM ends after the stack has stopped, with exit code 0', async () => {
    const { scripts } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'));
    writeFileSync(path.join(checkout, 'package.json'), JSON.stringify({ scripts: { start: scripts.start } }));
    mkdirSync(path.join(checkout, 'packages/local-stack/src'), { recursive: true });
    writeFileSync(path.join(checkout, 'packages/local-stack/src/main.ts'), slowStack);
    const npm = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
    const env = { PATH: `${path.join(checkout, 'bin')}:/bin`, HOME: checkout };
    const start = spawn(process.execPath, [npm, 'start', '--silent'], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    start.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
      if (printed.endsWith('ready\n')) start.kill('SIGTERM');
    });
    const [code] = await once(start, 'exit');
    expect({ code, printed }).toEqual({ code: 0, printed: 'ready\nstopped\n' });
  });
});

/** Stops like the local stack: some time after the signal, with exit code 0. */
const slowStack = `
process.on('SIGTERM', () => setTimeout(() => { console.log('stopped'); process.exit(0); }, 300));
setInterval(() => {}, 60_000);
console.log('ready');
`;

function installNpm(script: string): void {
  writeFileSync(path.join(checkout, 'bin/npm'), script);
  chmodSync(path.join(checkout, 'bin/npm'), 0o755);
}

function run(): Promise<{ code: number; printed: string }> {
  return new Promise((done) => {
    const environment = { env: { PATH: path.join(checkout, 'bin') } };
    execFile(process.execPath, [path.join(checkout, 'scripts/pm.mjs')], environment, (error, stdout, stderr) => {
      done({ code: Number(error?.code ?? 0), printed: stdout + stderr });
    });
  });
}
