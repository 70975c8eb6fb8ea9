import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSecrets } from './secrets.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('the secrets of a data folder', () => {
  it('are generated once, all different, in a file that only its user can read', () => {
    const file = path.join(dir, 'secrets.json');
    const first = openSecrets(file);
    expect(first.generated.has('operatorPassword')).toBe(true);
    expect(new Set(Object.values(first.secrets)).size).toBe(Object.keys(first.secrets).length);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openSecrets(file)).toEqual({ secrets: first.secrets, generated: new Set() });
  });

  it('get one more when a later version needs it', () => {
    const file = path.join(dir, 'older.json');
    writeFileSync(file, JSON.stringify({ postgresPassword: 'kept' }));
    const { secrets, generated } = openSecrets(file);
    expect(secrets.postgresPassword).toBe('kept');
    expect(generated.has('postgresPassword')).toBe(false);
    expect(generated.has('redisPassword')).toBe(true);
  });

  it('are never replaced when the file is not readable, because the databases use them', () => {
    const file = path.join(dir, 'broken.json');
    writeFileSync(file, '{"postgresPassword":');
    expect(() => openSecrets(file)).toThrow(`${file} cannot be read`);
  });
});
