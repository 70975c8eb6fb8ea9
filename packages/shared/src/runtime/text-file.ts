import { readFileSync, statSync } from 'node:fs';

const maxTextBytes = 1_048_576; // no statement, setting or secret is this long

/**
 * Reads a text file of a person's making. A pipe or a device is refused before it is opened, because reading it could wait for ever or
 * never end.
 * @throws Error whose message says why the file cannot be read, without its path
 */
export function readTextFile(path: string): string {
  try {
    const file = statSync(path);
    if (!file.isFile()) throw new Error('is not a regular file');
    if (file.size > maxTextBytes) throw new Error(`is larger than ${maxTextBytes} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code ? new Error(`cannot be read (${code})`, { cause: error }) : error;
  }
}
