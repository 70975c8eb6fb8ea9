import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { gzipSync } from 'node:zlib';
import { lookFiles } from '@gateway/api';

/** One file for browsers, compressed once at start-up. */
export interface PageFile {
  type: 'html' | 'css' | 'js' | 'svg';
  plain: Buffer;
  gzipped: Buffer;
}

export interface PageFiles {
  /** Hash of all files. It is part of every address, so browsers may cache a file without a limit. */
  version: string;
  /** Key: path below `/pages/{version}/`. */
  assets: ReadonlyMap<string, PageFile>;
}

/** A build in `dist` reads `src`, too: the browser modules and the texts are served as they are written, without their types. */
const folder = new URL('../src/', import.meta.url);
const displayClient = { specifier: "'@gateway/display-client'", path: 'browser/display-client.ts' };

/** Reads all files of the pages. Takes 30 ms, so it runs once, at the start of the process. */
export function readPageFiles(): PageFiles {
  const names = ['browser', 'text'].flatMap((subfolder) => readdirSync(new URL(subfolder, folder)).map((name) => `${subfolder}/${name}`));
  const assets = new Map<string, PageFile>([[displayClient.path, script(read(new URL(import.meta.resolve('@gateway/display-client'))))]]);
  for (const name of names) {
    const text = read(new URL(name, folder));
    const ending = name.split('.').at(-1);
    if (ending === 'ts') assets.set(name, script(text));
    else if (ending === 'css' || ending === 'svg') assets.set(name, file(ending, text));
  }
  // The pages look as the operators' console does.
  for (const [name, { type, text }] of lookFiles(['look.css', 'icon.svg'])) assets.set(`browser/${name}`, file(type, text));
  const hash = createHash('sha256');
  for (const { plain } of assets.values()) hash.update(plain);
  return { version: hash.digest('hex').slice(0, 12), assets };
}

const read = (url: URL): string => readFileSync(url, 'utf8');

/** Browsers cannot resolve package names, so the import of the display client becomes a path beside the other modules. */
function script(source: string): PageFile {
  return file('js', withoutTypes(source).replaceAll(displayClient.specifier, "'./display-client.ts'"));
}

export function file(type: PageFile['type'], text: string): PageFile {
  const plain = Buffer.from(text);
  return { type, plain, gzipped: gzipSync(plain, { level: 9 }) };
}

/** Node prints a warning that this function is experimental. It is suppressed: a visitor cannot act on it. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
}
