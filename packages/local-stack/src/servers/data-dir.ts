import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { startTimeOf } from '../processes/process-start-time.ts';
import { StartError } from '../start-error.ts';

/** What one stack keeps, behind a lock: two on the same folder would be two servers on the same files. */
export interface DataDir {
  path(...names: string[]): string;
  unlock(): void;
}

/** @throws CannotStart when it cannot be used, or another stack uses it. The lock of one that died is taken over. */
export function openDataDir(dir: string): DataDir {
  try {
    makeFolder(dir);
    if (statSync(dir).mode & 0o077) chmodSync(dir, 0o700);
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    const lock = path.join(dir, 'lock');
    takeLock(lock, dir);
    return { path: (...names) => path.join(dir, ...names), unlock: () => rmSync(lock, { force: true }) };
  } catch (error) {
    throw asStartError(error as NodeJS.ErrnoException, dir);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read and write it',
  EPERM: 'it belongs to another user',
  EROFS: 'the file system is read-only',
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of it is a file',
  ENOSPC: 'the disk is full',
  ENOENT: 'no folder can be created there',
};

/** With the folders above it. Node's own way of doing that goes round for ever where no folder can be made, as in /proc. */
function makeFolder(dir: string): void {
  if (isFolder(dir)) return;
  if (!existsSync(path.dirname(dir))) makeFolder(path.dirname(dir));
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (!isFolder(dir)) throw error; // somebody else was faster
  }
}

const isFolder = (dir: string): boolean => statSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Expected failures as one sentence; anything else as it is. */
function asStartError(error: NodeJS.ErrnoException, dir: string): Error {
  const reason = reasons[error.code ?? ''];
  return reason
    ? new StartError(`DATA_DIR ${dir} cannot be used: ${reason}. Set DATA_DIR to a folder of your own.`, { cause: error })
    : error;
}

/** A link appears with its content or not at all, and for one taker only. */
function takeLock(lock: string, dir: string): void {
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, `${process.pid} ${startTimeOf(process.pid)}\n`, { mode: 0o600 });
  try {
    while (!tryLink(draft, lock)) {
      const holder = readHolder(lock);
      const [pid = '', startTime] = holder.trim().split(' ');
      if (holder && startTimeOf(Number(pid)) === startTime) {
        throw new StartError(
          `DATA_DIR ${dir} is in use by another npm start (process ${pid}). Stop that one, or give this one another DATA_DIR and API_PORT=0 SIMULATOR_PORT=0 METRICS_PORT=0.`,
        );
      }
      moveStaleLock(lock, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two may find the same dead holder. Only what was looked at is removed: the faster one's fresh lock is put back. */
function moveStaleLock(lock: string, holder: string): void {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readHolder(aside) !== holder) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(lock: string): string {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return ''; // let go of in this instant
  }
}
