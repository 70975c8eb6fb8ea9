import { createHosts, type Host, loadHosts } from '@gateway/shared/host';
import { systemClock as clock, createLogger } from '@gateway/shared/runtime';
import { connectDatabase, type Database } from '@gateway/shared/store';
import { type Audit, audit, type Finding, type Invariant, invariants, readSimulatorBook } from './audit/index.ts';
import type { Command } from './program.ts';
import { timeOf } from './since.ts';
import { readSurroundings, reasonOf } from './surroundings.ts';
import { table } from './table.ts';

const shown = 50; // findings in the table: who has more needs --json

export const auditCommand: Command = {
  words: 'audit',
  takes: '[--since <time, or 30m, 2h, 30d>]',
  does: `Lays the books beside each other (the gateway's, the hosts', and on a local stack the simulator's) and says where they disagree with
      each other or with the rules. Changes nothing and locks nothing: run it at any time. Without --since: of the last 30 days.`,
  positionals: 0,
  options: { since: { type: 'string' } },
  run: async (given, env) => {
    const now = clock.now();
    const since = timeOf(given.maybe('since') ?? '30d', now);
    const { simulatorUrl } = readSurroundings(env);
    const { audits, hosts, trouble } = await inEveryHostDatabase(env, (db, serving) =>
      audit({ db: db.pool, hosts: serving, readCharges: simulatorUrl ? () => readSimulatorBook(simulatorUrl) : null, now, since }),
    );
    const findings = audits.flatMap((each) => each.findings);
    const broken = findings.filter(({ state }) => state === 'broken');
    const sum = (count: (each: Audit) => number) => audits.reduce((all, each) => all + count(each), 0);
    const looked = { payments: sum(({ payments }) => payments), charges: simulatorUrl ? sum(({ charges }) => charges) : null };
    return {
      json: { since, hosts, ...looked, broken: broken.length, waiting: findings.length - broken.length, findings },
      text: [summary(findings), sentence(since, hosts, looked), ...details(findings)].join('\n\n'),
      trouble: [...trouble, ...(broken.length > 0 ? [`${broken.length} broken: a person has to look; docs/runbook.md says at what`] : [])],
    };
  },
};

/** Every database with the hosts in it that serve. What cannot be asked is a sentence. */
async function inEveryHostDatabase(env: NodeJS.ProcessEnv, look: (db: Database, hosts: Host<Database>[]) => Promise<Audit>) {
  const { hostsDir, urls } = readSurroundings(env);
  const connect = (url: string) => connectDatabase(url, { name: 'ops', max: 2 });
  const hosts = await createHosts({ ...loadHosts(hostsDir), urls: urls.hosts, connect, log: createLogger('ops', 'silent') });
  try {
    const trouble = hosts
      .states()
      .flatMap(({ id, serving, why }) => (serving ? [] : [`host ${id} is out, its book was not read: ${why.join('; ')}`]));
    const audits: Audit[] = [];
    for (const { db, database } of hosts.databases()) {
      const inIt = hosts.serving().filter((host) => host.db === db);
      await look(db, inIt).then(
        (found) => audits.push(found),
        (error: unknown) => trouble.push(`${database} cannot be asked: ${reasonOf(error)}`),
      );
    }
    return { audits, trouble, hosts: hosts.serving().map(({ id }) => id) };
  } finally {
    await hosts.close();
  }
}

function summary(findings: readonly Finding[]): string {
  const count = (of: string, state: Finding['state']) => findings.filter((each) => each.invariant === of && each.state === state).length;
  const rows = Object.entries(invariants) as [Invariant, string][];
  return table(
    rows,
    {
      '': ([id]) => id,
      BROKEN: ([id]) => count(id, 'broken') || '-',
      WAITING: ([id]) => count(id, 'waiting') || '-',
      RULE: ([, says]) => says,
    },
    '',
  );
}

function sentence(since: Date, hosts: readonly string[], { payments, charges }: { payments: number; charges: number | null }): string {
  const books = [
    `${payments} payments`,
    `the orders of ${hosts.join(' and ') || 'no host'}`,
    ...(charges === null ? [] : [`${charges} charges of the simulator's book`]),
  ];
  return `Looked at since ${since.toISOString()}: ${books.join(', ')}. Waiting is what will be looked at again by itself.`;
}

function details(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const columns = {
    STATE: ({ state }: Finding) => state,
    RULE: ({ invariant, rule }: Finding) => `${invariant} ${rule}`,
    ABOUT: ({ about }: Finding) => about,
    OURS: ({ ours }: Finding) => ours,
    THEIRS: ({ theirs }: Finding) => theirs,
  };
  const sorted = findings.toSorted((a, b) => a.state.localeCompare(b.state));
  const more = findings.length > shown ? [`… and ${findings.length - shown} more: --json shows all.`] : [];
  return [table(sorted.slice(0, shown), columns, ''), ...more];
}
