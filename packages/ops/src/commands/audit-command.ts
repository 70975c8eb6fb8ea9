import { createHosts, type Host } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { systemClock as clock, createLogger } from '@gateway/shared/runtime';
import { type Audit, audit, type Finding, type Invariant, invariants, readSimulatorCharges } from '../audit/index.ts';
import type { Command } from '../cli.ts';
import { hostFolders, readContext, reasonOf } from '../context.ts';
import { timeOf } from '../since.ts';
import { table } from '../table.ts';

const maxShown = 50; // findings in the table; --json shows all

export const auditCommand: Command = {
  words: 'audit',
  usage: '[--since <time, or 30m, 2h, 30d>]',
  description: `Compares the gateway's, the hosts' and, on a local stack, the simulator's records with each other and with the
      rules. Changes nothing and locks nothing: run it at any time. Without --since: the last 30 days.`,
  positionals: 0,
  options: { since: { type: 'string' } },
  run: async (args, env) => {
    const now = clock.now();
    const since = timeOf(args.optionalOption('since') ?? '30d', now);
    const { simulatorUrl } = readContext(env);
    const { audits, hosts, errors } = await inEveryHostDatabase(env, (db, readyHosts) =>
      audit({ db: db.pool, hosts: readyHosts, readCharges: simulatorUrl ? () => readSimulatorCharges(simulatorUrl) : null, now, since }),
    );
    const findings = audits.flatMap((each) => each.findings);
    const broken = findings.filter(({ state }) => state === 'broken');
    const sum = (count: (each: Audit) => number) => audits.reduce((all, each) => all + count(each), 0);
    const counts = { payments: sum(({ payments }) => payments), charges: simulatorUrl ? sum(({ charges }) => charges) : null };
    return {
      json: { since, hosts, ...counts, broken: broken.length, waiting: findings.length - broken.length, findings },
      text: [summary(findings), coverage(since, hosts, counts), ...details(findings)].join('\n\n'),
      errors: [
        ...errors,
        ...(broken.length > 0
          ? [`${broken.length} ${broken.length === 1 ? 'finding needs' : 'findings need'} an operator: see docs/runbook.md`]
          : []),
      ],
    };
  },
};

/** Audits every database with its ready hosts. An unavailable host or database becomes one of `errors`. */
async function inEveryHostDatabase(env: NodeJS.ProcessEnv, query: (db: Database, hosts: Host[]) => Promise<Audit>) {
  const { urls, ...context } = readContext(env);
  const connect = (url: string) => connectDatabase(url, { name: 'ops', max: 2 });
  const hosts = await createHosts({ ...hostFolders(context), urls: urls.hosts, connect, log: createLogger('ops', 'silent') });
  try {
    const errors = hosts
      .states()
      .flatMap(({ id, ready, why }) => (ready ? [] : [`host ${id} unavailable, not checked: ${why.join('; ')}`]));
    const audits: Audit[] = [];
    for (const { db, database } of hosts.databases()) {
      const hostsInDatabase = hosts.ready().filter((host) => host.db === db);
      await query(db, hostsInDatabase).then(
        (found) => audits.push(found),
        (error: unknown) => errors.push(`${database} unavailable: ${reasonOf(error)}`),
      );
    }
    return { audits, errors, hosts: hosts.ready().map(({ id }) => id) };
  } finally {
    await hosts.close();
  }
}

function summary(findings: readonly Finding[]): string {
  const count = (invariant: string, state: Finding['state']) =>
    findings.filter((each) => each.invariant === invariant && each.state === state).length;
  const rows = Object.entries(invariants) as [Invariant, string][];
  return table(
    rows,
    {
      '': ([id]) => id,
      BROKEN: ([id]) => count(id, 'broken') || '-',
      WAITING: ([id]) => count(id, 'waiting') || '-',
      RULE: ([, description]) => description,
    },
    '',
  );
}

function coverage(since: Date, hosts: readonly string[], { payments, charges }: { payments: number; charges: number | null }): string {
  const sources = [
    `${payments} payments`,
    `the orders of ${hosts.join(' and ') || 'no host'}`,
    ...(charges === null ? [] : [`${charges} charges of the simulator`]),
  ];
  return `Checked since ${since.toISOString()}: ${sources.join(', ')}. "waiting" is retried automatically.`;
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
  const more = findings.length > maxShown ? [`… and ${findings.length - maxShown} more: --json shows all.`] : [];
  return [table(sorted.slice(0, maxShown), columns, ''), ...more];
}
