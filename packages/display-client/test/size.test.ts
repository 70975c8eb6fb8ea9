import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** The module without its types, which is what a browser loads. The comments are still in it. */
const shipped = stripTypeScriptTypes(readFileSync(path.resolve(import.meta.dirname, '../src/index.ts'), 'utf8')).replace(/\s+/g, ' ');

describe('the module that a browser loads', () => {
  it('is less than 3 kB gzipped', () => {
    expect(gzipSync(shipped).length).toBeLessThan(3_000);
  });

  it('needs nothing else: no import is left without the types, and no name of Node', () => {
    expect(shipped).not.toMatch(/\bimport\b|\bexport \*|\brequire\b|\bprocess\b|\bBuffer\b/);
  });
});
