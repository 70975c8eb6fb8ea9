// node scripts/pm.mjs FILE [args…]: installs what is missing, then runs FILE on the project's own Node.
// Plain JavaScript for Node 20.11: this is the one file that runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PNPM = '12.21.0';
const root = path.resolve(import.meta.dirname, '..');
const tools = path.join(root, '.tools');
const pnpm = path.join(tools, 'node_modules/.bin/pnpm');

install();
await run(process.argv.slice(2));

function install() {
  if (installedPnpm() !== PNPM) {
    say('fetching pnpm…');
    step('npm', [
      'install',
      '--prefix',
      tools,
      '--no-save',
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `pnpm@${PNPM}`,
    ]);
  }
  if (!existsSync(path.join(root, 'node_modules/.modules.yaml'))) say('installing packages…');
  step(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']);
}

function installedPnpm() {
  const manifest = path.join(tools, 'node_modules/pnpm/package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : null;
}

function step(command, args) {
  const { error, status, signal } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (signal) process.kill(process.pid, signal);
  if (!error && status === 0) return;
  say(
    `could not install: \`${path.basename(command)} ${args[0]}\` failed${error ? ` (${error.message})` : ''}. The npm registry must be reachable the first time; then run this again.`,
  );
  process.exit(1);
}

/** Runs in the foreground, hands every stop signal on, and does not outlive whoever started us. */
async function run([file, ...args]) {
  if (!file) return;
  const child = spawn(projectNode(), ['--conditions=source', file, ...args], { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const orphaned = watchAncestors(() => child.kill('SIGTERM'));
  const [status, signal] = await new Promise((done, failed) => {
    child.once('exit', (...how) => done(how));
    child.once('error', failed);
  });
  clearInterval(orphaned);
  process.exit(signal ? 1 : status);
}

function projectNode() {
  const own = path.join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  say(`on ${process.platform}-${process.arch} please use Node 24 (this is ${process.version})`);
  process.exit(1);
}

/** `npm start` is npm → sh → us: whichever of them is killed outright, nobody is left to stop us but ourselves. */
function watchAncestors(gone) {
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  return setInterval(() => {
    if (process.ppid !== parent || parentOf(parent) !== grandparent) gone();
  }, 250).unref();
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  } catch {
    return null; // no /proc on this system: the direct parent is watched all the same
  }
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}
