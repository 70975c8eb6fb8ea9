import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A checkout with nothing but pm.mjs, and a PATH with nothing but node and an `npm` of ours. */
const checkout = mkdtempSync(path.join(tmpdir(), 'checkout-'));
afterAll(() => rmSync(checkout, { recursive: true }));

beforeAll(() => {
  cpSync(path.join(import.meta.dirname, 'pm.mjs'), path.join(checkout, 'scripts/pm.mjs'));
  mkdirSync(path.join(checkout, 'bin'));
  symlinkSync(process.execPath, path.join(checkout, 'bin/node'));
});

/** Makes the pnpm that it is asked for: one that installs nothing and, like the real one, takes its time. */
const anNpm = `#!/bin/sh
/bin/mkdir -p "$3/node_modules/.bin" "$3/node_modules/pnpm"
echo '{"version":"'"\${9#pnpm@}"'"}' > "$3/node_modules/pnpm/package.json"
printf '#!/bin/sh\\n/bin/sleep 0.3\\necho $XDG_RUNTIME_DIR >> installs\\n' > "$3/node_modules/.bin/pnpm"
/bin/chmod +x "$3/node_modules/.bin/pnpm"
`;

describe('the first command on a bare clone', () => {
  it('without a network says so in a sentence, and where the rest is', async () => {
    npmIs('#!/bin/sh\necho "npm error code ENOTFOUND" >&2\nexit 1\n');
    const { code, printed } = await run();
    expect(code).toBe(1);
    expect(printed).toBe(
      `fetching pnpm…\nCannot install: \`npm install\` failed (ENOTFOUND). The first time, the npm registry must be reachable; then run this again. All it said is in ${checkout}/.tools/install.log.\n`,
    );
  });

  it('without npm says that', async () => {
    rmSync(path.join(checkout, 'bin/npm'), { force: true });
    expect(await run()).toEqual({ code: 1, printed: 'fetching pnpm…\nCannot run npm: spawn npm ENOENT\n' });
  });

  it('installs once at a time, and fetches pnpm once', async () => {
    npmIs(anNpm);
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ printed }) => printed).join('')).toMatch(/waiting for process \d+, which is installing here…/);
    expect(both.filter(({ printed }) => printed.includes('fetching pnpm'))).toHaveLength(1);
  });

  it('lets the installer write nothing outside the checkout', () => {
    expect(readFileSync(path.join(checkout, 'installs'), 'utf8')).toBe(`${checkout}/.tools/run\n`.repeat(2));
  });

  it('takes over from one that was killed while it installed', async () => {
    writeFileSync(path.join(checkout, '.tools/install.lock'), '4194304');
    expect((await run()).code).toBe(0);
  });
});

describe('npm start', () => {
  it('told to stop, ends when the stack has, and that is no failure', async () => {
    const { scripts } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'));
    writeFileSync(path.join(checkout, 'package.json'), JSON.stringify({ scripts: { start: scripts.start } }));
    mkdirSync(path.join(checkout, 'packages/local-stack/src'), { recursive: true });
    writeFileSync(path.join(checkout, 'packages/local-stack/src/main.ts'), slowToLeave);
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

/** As the local stack does, it stops in its own time and then leaves with 0. */
const slowToLeave = `
process.on('SIGTERM', () => setTimeout(() => { console.log('stopped'); process.exit(0); }, 300));
setInterval(() => {}, 60_000);
console.log('ready');
`;

function npmIs(script: string): void {
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
