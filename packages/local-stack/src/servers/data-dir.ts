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

/** The data folder of one stack, with a lock: two stacks on one folder would run two servers on the same files. */
export interface DataDir {
  path(...names: string[]): string;
  unlock(): void;
}

/** Creates and locks the folder. The lock of a stack that died is taken over. @throws StartError when it cannot be used, or is in use */
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

/** Creates the folder and its parents. Node's `recursive` option loops for ever where no folder can be created, as in /proc. */
function makeFolder(dir: string): void {
  if (isFolder(dir)) return;
  if (!existsSync(path.dirname(dir))) makeFolder(path.dirname(dir));
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (!isFolder(dir)) throw error; // another process may have created it meanwhile
  }
}

const isFolder = (dir: string): boolean => statSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Turns expected failures into a StartError. Other errors stay as they are. */
function asStartError(error: NodeJS.ErrnoException, dir: string): Error {
  const reason = reasons[error.code ?? ''];
  return reason
    ? new StartError(`DATA_DIR ${dir} cannot be used: ${reason}. Set DATA_DIR to a folder of your own.`, { cause: error })
    : error;
}

/** Takes the lock by a hard link, which appears with its content or not at all, and for one process only. */
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

/** Removes the lock of a dead holder. When another process has taken over meanwhile, its new lock is put back. */
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
    return ''; // it was unlocked a moment ago
  }
}
