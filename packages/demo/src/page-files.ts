import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { gzipSync } from 'node:zlib';

/** What a browser is sent, ready to be sent. */
export interface PageFile {
  type: 'html' | 'css' | 'js' | 'svg';
  plain: Buffer;
  gzipped: Buffer;
}

export interface PageFiles {
  /** Changes with any of the files: their addresses carry it, so browsers may keep them for ever. */
  version: string;
  /** By path below `/pages/{version}/`. */
  assets: ReadonlyMap<string, PageFile>;
}

/** In `src` also for what was built into `dist`: these files are written for browsers, and no compiler touches them. */
const folder = new URL('../src/', import.meta.url);
const displayClient = { specifier: "'@gateway/display-client'", path: 'browser/display-client.ts' };

/** Reads everything that the pages are made of. 30 ms: once, at the start of a process of the local stack. */
export function readPageFiles(): PageFiles {
  const names = ['browser', 'text'].flatMap((subfolder) => readdirSync(new URL(subfolder, folder)).map((name) => `${subfolder}/${name}`));
  const assets = new Map<string, PageFile>([[displayClient.path, script(read(new URL(import.meta.resolve('@gateway/display-client'))))]]);
  for (const name of names) {
    const text = read(new URL(name, folder));
    const ending = name.split('.').at(-1);
    if (ending === 'ts') assets.set(name, script(text));
    else if (ending === 'css' || ending === 'svg') assets.set(name, file(ending, text));
  }
  const hash = createHash('sha256');
  for (const { plain } of assets.values()) hash.update(plain);
  return { version: hash.digest('hex').slice(0, 12), assets };
}

const read = (url: URL): string => readFileSync(url, 'utf8');

/** A browser knows no packages: the one that the pages use has an address here. */
function script(source: string): PageFile {
  return file('js', withoutTypes(source).replaceAll(displayClient.specifier, "'./display-client.ts'"));
}

export function file(type: PageFile['type'], text: string): PageFile {
  const plain = Buffer.from(text);
  return { type, plain, gzipped: gzipSync(plain, { level: 9 }) };
}

/** Node warns of this function at each start, and there is nothing that a visitor could do about it. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
}
