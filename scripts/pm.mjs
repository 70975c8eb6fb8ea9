// node scripts/pm.mjs FILE [args…]: installs missing packages, then runs FILE on the project's own Node.
// Plain JavaScript for Node 20.11, because this file runs before anything is installed.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '..');
const pinned = path.join(import.meta.dirname, 'pnpm'); // a package.json with the version, and a lock file with the hashes
const tools = path.join(root, '.tools');
const pnpm = path.join(tools, 'node_modules/.bin/pnpm');
const installLog = path.join(tools, 'install.log');
const installLock = path.join(tools, 'install.lock');

// The store and the caches are in the checkout, so the home folder need not be writable.
// Few retries: without a network the usual ones take minutes before the error is printed.
const installEnvironment = {
  ...process.env,
  XDG_RUNTIME_DIR: path.join(tools, 'run'), // pnpm writes its locks there, otherwise to /tmp
  npm_config_cache: path.join(tools, 'npm-cache'),
  pnpm_config_store_dir: path.join(tools, 'pnpm/store'),
  pnpm_config_cache_dir: path.join(tools, 'pnpm/cache'),
  pnpm_config_state_dir: path.join(tools, 'pnpm/state'),
  ...forBoth({ fetch_retries: 1, fetch_retry_mintimeout: 500, fetch_retry_maxtimeout: 1_000, fetch_timeout: 30_000 }),
};

let child = null; // the process that this one waits for
let isStopping = false; // after a signal, or the end of a parent process

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
watchAncestors(() => {
  if (child?.connected) child.disconnect(); // the local stack then exits at once, without its shutdown steps
  stop('SIGTERM');
});

await install();
const [file, ...args] = process.argv.slice(2);
const compileCache = { NODE_COMPILE_CACHE: path.join(root, '.cache/compile') }; // saves a third of the start-up time
if (file)
  process.exit(
    await run(projectNode(), ['--conditions=source', file, ...args], ['inherit', 'inherit', 'inherit', 'ipc'], {
      ...compileCache,
      ...process.env,
    }),
  );

async function install() {
  await acquireInstallLock();
  mkdirSync(installEnvironment.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
  const log = openSync(installLog, 'w');
  if (installedPnpm() !== pinnedPnpm()) await fetchPnpm(log);
  if (!existsSync(path.join(root, 'node_modules/.modules.yaml'))) print('installing packages…');
  await step(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'], log);
  rmSync(installLock, { force: true });
}

/**
 * Fetches into another folder and renames it, so that an interrupted fetch does not leave a broken pnpm behind. npm refuses a package whose
 * hash is not that of the lock file; only the program of a platform that is missing there is added by its version.
 */
async function fetchPnpm(log) {
  print('fetching pnpm…');
  const fresh = path.join(tools, 'fetching');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(path.join(pinned, file), path.join(fresh, file));
  await step('npm', ['install', '--prefix', fresh, '--no-audit', '--no-fund', '--loglevel=error'], log);
  rmSync(path.join(tools, 'node_modules'), { recursive: true, force: true });
  renameSync(path.join(fresh, 'node_modules'), path.join(tools, 'node_modules'));
}

/** Waits until no other command installs into this checkout, because two installations would overwrite each other. */
async function acquireInstallLock() {
  for (let waiting = false; !locked(); await delay(100)) {
    const holder = Number(read(installLock));
    if (holder && !isRunning(holder)) rmSync(installLock, { force: true });
    else if (holder && !waiting) {
      print(`waiting for process ${holder}, which is installing here…`);
      waiting = true;
    }
    if (isStopping) process.exit(1);
  }
  process.once('exit', () => Number(read(installLock)) === process.pid && rmSync(installLock, { force: true }));
}

function locked() {
  try {
    mkdirSync(tools, { recursive: true });
    writeFileSync(installLock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    return fail(`Cannot install: no permission to write to ${tools} (${error.code}).`);
  }
}

function installedPnpm() {
  const manifest = read(path.join(tools, 'node_modules/pnpm/package.json'));
  return manifest ? JSON.parse(manifest).version : null;
}

function pinnedPnpm() {
  return JSON.parse(read(path.join(pinned, 'package.json'))).dependencies.pnpm;
}

async function step(command, args, log) {
  const status = await run(command, args, ['ignore', log, log], installEnvironment);
  if (status === 0) return;
  if (isStopping) process.exit(1);
  const reason = /ERR_PNPM_\w+|(?<=npm error code )\w+/.exec(read(installLog))?.[0] ?? `exit code ${status}`;
  fail(
    `Cannot install: \`${path.basename(command)} ${args[0]}\` failed (${reason}). The first installation needs the npm registry. The full output is in ${installLog}.`,
  );
}

/** @returns the exit code; 1 when a signal ended the process */
async function run(command, args, stdio, env = process.env) {
  child = spawn(command, args, { cwd: root, stdio, env });
  return new Promise((done) => {
    child.once('exit', (status) => done(status ?? 1));
    child.once('error', (error) => fail(`Cannot run ${command}: ${error.message}`));
  });
}

function stop(signal) {
  isStopping = true;
  child?.kill(signal);
}

function projectNode() {
  const own = path.join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(`Node 24 required on ${process.platform}-${process.arch} (this is ${process.version}).`);
}

/**
 * Calls `gone` when npm or the shell between npm and this process was killed: neither can then pass a signal on. The process that started
 * npm is not watched, so that a command in the background continues after its terminal is closed.
 */
function watchAncestors(gone) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const grandparent = /^(ba|da|z|k|a)?sh$/.test(nameOf(parent)) ? parentOf(parent) : null;
  const watch = setInterval(() => {
    if (process.ppid === parent && (grandparent === null || parentOf(parent) === grandparent)) return;
    clearInterval(watch);
    gone();
  }, 100).unref();
}

// Without /proc (macOS) both return nothing, and only the direct parent is watched.
function nameOf(pid) {
  return read(`/proc/${pid}/comm`).trim();
}

function parentOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? null; // the name in front of the bracket may contain spaces
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function forBoth(settings) {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => ['npm', 'pnpm'].map((tool) => [`${tool}_config_${name}`, value])),
  );
}

function print(message) {
  process.stderr.write(`${message}\n`);
}

function fail(message) {
  print(message);
  process.exit(1);
}
