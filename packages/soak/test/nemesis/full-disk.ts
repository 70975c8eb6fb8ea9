import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A disk of its own for one server, which a test can fill. */
export interface SmallDisk {
  /** An empty folder on the disk. */
  dir: string;
  /** Leaves no room for another byte. */
  fill(): void;
  /** Gives the room back. */
  free(): void;
  remove(): void;
}

const size = '256m'; // more than the append-only file of a run and its copy while it is written again

/** Mounts a file system in memory. Null, with a line on standard error: this machine or user may not mount one, so no disk is filled. */
export function mountSmallDisk(): SmallDisk | null {
  const mountPoint = mkdtempSync(path.join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', mountPoint], { stdio: 'pipe' });
  } catch (error) {
    rmSync(mountPoint, { recursive: true });
    process.stderr.write(`SKIPPED, no file system can be mounted here: full disks. ${(error as Error).message}\n`);
    return null;
  }
  const dir = path.join(mountPoint, 'data');
  const filler = path.join(mountPoint, 'filler');
  mkdirSync(dir);
  writeFileSync(filler, '');
  return {
    dir,
    fill: () => {
      const { bavail, bsize } = statfsSync(mountPoint);
      try {
        writeFileSync(filler, Buffer.alloc(bavail * bsize));
      } catch {
        // the server wrote meanwhile: what could be taken is taken
      }
    },
    free: () => truncateSync(filler, 0),
    remove: () => {
      execFileSync('umount', ['--lazy', mountPoint]);
      rmSync(mountPoint, { recursive: true });
    },
  };
}
