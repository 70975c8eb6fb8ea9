import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readEnvironment } from './environment.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(dir, { recursive: true }));
const schema = z.looseObject({ LINK_SIGNING_KEY: z.string() });
const fileWith = (text: string): string => {
  const file = path.join(dir, 'secret');
  writeFileSync(file, text);
  return file;
};

describe('a secret in a file', () => {
  it('is read as the variable, without the line break at its end', () => {
    expect(readEnvironment(schema, { LINK_SIGNING_KEY_FILE: fileWith('from a file\n') })).toEqual({ LINK_SIGNING_KEY: 'from a file' });
  });

  it('is refused by name beside the variable, and when it cannot be read, also for a pipe that nothing writes to', () => {
    expect(() => readEnvironment(schema, { LINK_SIGNING_KEY: 'x', LINK_SIGNING_KEY_FILE: fileWith('y') })).toThrow(
      'LINK_SIGNING_KEY_FILE: LINK_SIGNING_KEY is set, too: leave one of them out',
    );
    expect(() => readEnvironment(schema, { LINK_SIGNING_KEY_FILE: path.join(dir, 'none') })).toThrow(
      'LINK_SIGNING_KEY_FILE: cannot be read (ENOENT)',
    );
    execFileSync('mkfifo', [path.join(dir, 'pipe')]);
    expect(() => readEnvironment(schema, { LINK_SIGNING_KEY_FILE: path.join(dir, 'pipe') })).toThrow(
      'LINK_SIGNING_KEY_FILE: is not a regular file',
    );
  });

  it('is no file of another meaning', () => {
    expect(readEnvironment(z.looseObject({}), { SSL_CERT_FILE: '/etc/ssl/cert.pem' })).toEqual({ SSL_CERT_FILE: '/etc/ssl/cert.pem' });
  });
});
