import { execFile } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, startPostgres } from '@gateway/local-stack/embedded-postgres';
import { serveRole } from '@gateway/shared/store';
import { Client } from 'pg';
import { eventually } from '../eventually.ts';
import { ownDir, watchdogOfThisFile } from './servers.ts';
import { prepareTemplate } from './template.ts';
import { currentRun } from './test-run.ts';

/** A primary and a synchronous standby: what the primary has committed is on both. */
export interface PostgresPair {
  /** Of the database `pos`, with both hosts. For the test: a superuser. */
  url: string;
  /** For the code under test: the role `gateway_serve`. */
  serveUrl: string;
  /** Kills the primary with SIGKILL and promotes the standby. The killed server becomes the standby of the new primary. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

interface Member {
  dir: string;
  server: EmbeddedPostgres;
}

const run = promisify(execFile);

/** Starts both, with the gateway's schema and the demo orders in the database `pos`. */
export async function startPostgresPair(): Promise<PostgresPair> {
  const { password } = currentRun().postgres;
  const start = (dir: string, port = 0) =>
    startPostgres({ dir, port, password, durable: false, settings: { synchronous_commit: 'on' }, watchdog: watchdogOfThisFile() });
  let primary: Member = await (async (dir) => ({ dir, server: await start(dir) }))(ownDir('postgres'));
  await asAdmin(primary.server, (admin) => admin.query('create database pos'));
  await prepareTemplate(primary.server.url('pos'));

  /** Copies the primary's files while it serves, and starts the copy as its synchronous standby. */
  async function addStandby(dir: string, port?: number): Promise<Member> {
    await asAdmin(primary.server, async (admin) => {
      await admin.query("select pg_backup_start('standby', true)");
      await run('cp', ['-a', `${primary.dir}/.`, dir]).catch(() => {}); // a file that vanishes meanwhile is in the log
      const { rows } = await admin.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
      rmSync(path.join(dir, 'postmaster.pid'), { force: true });
      await run('cp', ['-a', `${primary.dir}/pg_wal/.`, path.join(dir, 'pg_wal')]); // what was written during the copy
      writeFileSync(path.join(dir, 'backup_label'), rows[0]?.labelfile ?? '');
    });
    writeFileSync(path.join(dir, 'standby.signal'), '');
    const source = `host=127.0.0.1 port=${primary.server.port} user=postgres password=${password} application_name=standby`;
    appendFileSync(path.join(dir, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`);
    await run('chown', ['--reference', primary.dir, '-R', dir]);
    const server = await start(dir, port);
    const isReplicated = (condition: string) => () =>
      asAdmin(primary.server, async (admin) => (await admin.query(`select from pg_stat_replication where ${condition}`)).rowCount);
    await eventually(isReplicated("state = 'streaming'"), 60_000); // before that, each commit would wait for a standby that is not there
    await setSynchronous(primary.server, '*');
    await eventually(isReplicated("sync_state = 'sync'"), 60_000);
    return { dir, server };
  }

  let standby = await addStandby(ownDir('postgres'));
  const hosts = [primary, standby].map(({ server }) => `127.0.0.1:${server.port}`).join(',');
  const urlOf = (user: string) => `postgres://${user}:${password}@${hosts}/pos?target_session_attrs=read-write`;
  return {
    url: urlOf('postgres'),
    serveUrl: urlOf(serveRole),
    failOver: async () => {
      const killed = primary;
      process.kill(killed.server.pid, 'SIGKILL');
      await killed.server.exited;
      await asAdmin(standby.server, (admin) => admin.query('select pg_promote()'));
      primary = standby;
      await setSynchronous(primary.server, ''); // until there is a standby again
      rmSync(killed.dir, { recursive: true });
      standby = await addStandby(killed.dir, killed.server.port);
    },
    stop: async () => {
      await standby.server.stop();
      await primary.server.stop();
    },
  };
}

async function setSynchronous(server: EmbeddedPostgres, names: string): Promise<void> {
  await asAdmin(server, async (admin) => {
    await admin.query(`alter system set synchronous_standby_names = '${names}'`);
    await admin.query('select pg_reload_conf()');
  });
}

async function asAdmin<T>(server: EmbeddedPostgres, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client(server.url('postgres'));
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
