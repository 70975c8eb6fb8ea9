import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostDatabase, readable, referenceFolder, type TestHostDatabase } from '../../test/host-fixture.ts';
import { checkBook } from './check-book.ts';
import { readHostFolder } from './host-folder.ts';
import { formatProblem } from './host-problem.ts';

let db: TestHostDatabase;
const parent = mkdtempSync(path.join(tmpdir(), 'book-'));
beforeAll(async () => {
  db = await hostDatabase(referenceFolder('pos'), { demo: false });
});
afterAll(async () => {
  await db.close();
  rmSync(parent, { recursive: true });
});

async function problemsOf(sql: string): Promise<string[] | undefined> {
  const dir = path.join(parent, 'pos');
  cpSync(referenceFolder('pos').path, dir, { recursive: true });
  writeFileSync(path.join(dir, 'reference/book.sql'), sql);
  return (await checkBook(readable(readHostFolder(dir)), db.url))?.problems.map(formatProblem);
}

it('the query of the audit is checked in the session of the host: by its columns, and against the tables', async () => {
  expect(await checkBook(referenceFolder('pos'), db.url)).toEqual({ file: 'pos/reference/book.sql', problems: [], planned: true });
  expect(await problemsOf('select external_ref as reference, status as paid from pos.payments where external_ref = any ($1)')).toEqual([
    'pos/reference/book.sql: must return paid as boolean, not payment_status',
  ]);
  expect(await problemsOf('select ref as reference, true as paid from pos.payments where ref = any ($1)')).toEqual([
    'pos/reference/book.sql: does not fit the database. Postgres says: column "ref" does not exist',
  ]);
});
