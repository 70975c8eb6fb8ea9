import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a browser loads, as tsc builds it but for the comments that stay in. */
const shipped = stripTypeScriptTypes(readFileSync(path.resolve(import.meta.dirname, '../src/index.ts'), 'utf8')).replace(/\s+/g, ' ');

describe('what a browser loads', () => {
  it('is less than 3 kB', () => {
    expect(gzipSync(shipped).length).toBeLessThan(3_000);
  });

  it('needs nothing else: no import that is left when the types are gone', () => {
    expect(shipped).not.toMatch(/\bimport\b|\bexport \*|\brequire\b|\bprocess\b|\bBuffer\b/);
  });
});
