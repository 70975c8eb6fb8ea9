import { renameSync, writeFileSync } from 'node:fs';

/** Replaces a file that only we may read. A reader sees the old text or the new one, never half of it. */
export function replacePrivateFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
