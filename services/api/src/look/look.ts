import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A file that every page of the product may load: one look for the console and for the pages of the demo. */
export interface LookFile {
  type: 'css' | 'svg' | 'js';
  text: string;
}

const folder = new URL('../../src/look/', import.meta.url); // a build in `dist` reads `src`, too

/** The files with these names. */
export const lookFiles = (names: readonly string[]): Map<string, LookFile> => new Map(names.map((name) => [name, read(name)]));

const read = (name: string): LookFile => ({
  type: name.split('.').at(-1) as LookFile['type'],
  text: readFileSync(new URL(name, folder), 'utf8'),
});

/** Several sheets as one file, so that a browser fetches once. */
export const joined = (names: readonly string[]): LookFile => ({
  type: 'css',
  text: [...lookFiles(names).values()].map(({ text }) => text).join('\n'),
});

/** Part of the address of the files, so that browsers may keep them without a limit. */
export function versionOf(files: ReadonlyMap<string, LookFile>): string {
  const hash = createHash('sha256');
  for (const { text } of files.values()) hash.update(text);
  return hash.digest('hex').slice(0, 12);
}
