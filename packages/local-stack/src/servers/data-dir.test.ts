import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTimeOf } from '../processes/process-start-time.ts';
import { openDataDir } from './data-dir.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'data-dir-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is private, also when it existed and was readable for all', () => {
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    openDataDir(path.join(dir, 'made/here'));
    expect(statSync(path.join(dir, 'made/here')).mode & 0o777).toBe(0o700);
  });

  it('has one user at a time', () => {
    const first = openDataDir(dir);
    expect(() => openDataDir(dir)).toThrow(`in use by another npm start (process ${process.pid})`);
    first.unlock();
    openDataDir(dir).unlock();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is taken over from a process that has exited', () => {
    writeFileSync(path.join(dir, 'lock'), '4194304 12345\n');
    openDataDir(dir);
    expect(readdirSync(dir)).toEqual(['lock']);
  });

  it('is taken over from a process whose pid belongs to another process now', () => {
    writeFileSync(path.join(dir, 'lock'), `${process.ppid} 1${startTimeOf(process.ppid)}\n`);
    openDataDir(dir);
  });

  it.each([
    ['where no folder can be made', '/proc/nothing/here', 'no folder can be created there'],
    ['under a file', '/etc/passwd/here', 'a part of it is a file'],
    ['on a file', '/etc/passwd', 'it is a file'],
  ])('%s is refused in a sentence', (_, place, reason) => {
    expect(() => openDataDir(place)).toThrow(`DATA_DIR ${place} cannot be used: ${reason}. Set DATA_DIR to a folder of your own.`);
  });
});
