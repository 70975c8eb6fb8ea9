import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLogFile } from './log-file.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'log-file-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('a log file is continued by the next start; a full one is kept as .1, and a new one begins', () => {
  const file = path.join(dir, 'logs/api.log');
  openLogFile(file).write(Buffer.from('before\n'));
  const log = openLogFile(file);
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  for (let n = 0; n < 25; n++) log.write(megabyte);
  log.write(Buffer.from('last\n'));
  expect(readdirSync(path.dirname(file)).sort()).toEqual(['api.log', 'api.log.1']);
  expect(statSync(`${file}.1`).size).toBeLessThan(12 * 1024 * 1024);
  expect(readFileSync(file, 'utf8').endsWith('last\n')).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
