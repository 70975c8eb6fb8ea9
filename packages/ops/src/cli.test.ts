import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../test/run-command.ts';
import { migrateAll } from './commands/migrate-command.ts';
import { keyCommands, opsCommands } from './commands.ts';

const nowhere = { DATA_DIR: mkdtempSync(path.join(tmpdir(), 'no-stack-')) };

describe('an invalid command line', () => {
  it.each([
    [[], 'command missing'],
    [['frobnicate'], 'unknown command "frobnicate"'],
    [['create', '--naem', 'x'], "Unknown option '--naem'"],
    [['create'], '--name is missing'],
    [['list', 'everything'], 'unexpected argument "everything"'],
    [['revoke'], 'the id of the key (cli_…) is missing'],
  ])('exits with 1, the error and the usage: %j', async (line, sentence) => {
    const { code, out, err } = await runCommand(keyCommands, line, nowhere);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`error: ${sentence}\n\n  npm run it -- `);
  });

  it('is answered with the usage of one command or of all for --help', async () => {
    const all = await runCommand(keyCommands, ['--help'], nowhere);
    expect(all.code).toBe(0);
    expect(all.out).toMatch(/create --name[\s\S]*revoke <id>/);
    const one = await runCommand(keyCommands, ['revoke', '--help'], nowhere);
    expect([one.code, one.out.includes('revoke <id>'), one.out.includes('create')]).toEqual([0, true, false]);
  });
});

describe('the databases of a command', () => {
  it('are required: without them the error says how to set them', async () => {
    const { code, err } = await runCommand(keyCommands, ['list'], nowhere);
    expect(code).toBe(1);
    expect(err).toMatch(/no database configured and no local stack running: set POS_DATABASE_URL/);
    expect(err).not.toMatch(/\n {4}at /);
  });

  it('are those of the local stack, unless the environment names a database', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'a-stack-'));
    const stack = {
      redis: 'redis://127.0.0.1:1',
      simulator: 'http://127.0.0.1:1',
      databases: { pos: 'postgres://pos:secret@127.0.0.1:1/pos' },
    };
    writeFileSync(path.join(dir, 'stack.json'), JSON.stringify(stack));
    const ofStack = await runCommand([migrateAll], [], { DATA_DIR: dir });
    expect(ofStack.err).toMatch(/^error: POS_DATABASE_URL: .*ECONNREFUSED/);
    const named = await runCommand([migrateAll], [], { DATA_DIR: dir, ERP_DATABASE_URL: 'postgres://127.0.0.1:1/erp' });
    expect(named.err).toMatch(/^error: ERP_DATABASE_URL: .*ECONNREFUSED/);
    expect([ofStack.code, named.code]).toEqual([1, 1]);
    expect(ofStack.err + named.err).not.toContain('secret');
  });

  it('must be URLs of PostgreSQL', async () => {
    const { code, err } = await runCommand(opsCommands, ['holds', 'list'], { POS_DATABASE_URL: 'mysql://x' });
    expect(code).toBe(1);
    expect(err).toContain('POS_DATABASE_URL: must be a URL that starts with postgres://');
  });
});
