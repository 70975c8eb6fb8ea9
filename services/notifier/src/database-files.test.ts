import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostsDir } from '@gateway/testing/checkout';
import { createDatabaseFiles } from './database-files.ts';

const environment = { url: 'postgres://127.0.0.1/pos', names: ['POS_DATABASE_URL'] };
const file = { url: 'postgres://127.0.0.1/erp', names: ['erp/database.url'] };
const directory = mkdtempSync(path.join(tmpdir(), 'hosts-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('a database is read from the file beside host.yaml, and kept while its folder cannot be read', () => {
  cpSync(path.join(hostsDir, 'erp'), path.join(directory, 'erp'), { recursive: true });
  const yaml = readFileSync(path.join(hostsDir, 'erp/host.yaml'), 'utf8').replace(/^database: \w+/m, 'database_url_file: database.url');
  writeFileSync(path.join(directory, 'erp/host.yaml'), yaml);
  writeFileSync(path.join(directory, 'erp/database.url'), `${file.url}\n`);
  const files = createDatabaseFiles(directory, [environment]);
  expect(files.read()).toEqual({ databases: [environment, file], problems: [] });

  writeFileSync(path.join(directory, 'erp/database.url'), 'mysql://127.0.0.1/erp');
  expect(files.read()).toEqual({ databases: [environment, file], problems: [expect.objectContaining({ file: 'erp/database.url' })] });

  rmSync(path.join(directory, 'erp'), { recursive: true });
  expect(files.read().databases).toEqual([environment]);
});
