import { renameSync, writeFileSync } from 'node:fs';

/** Replaces a file that only its user may read. A reader gets the old text or the new one, never a part. */
export function replacePrivateFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
