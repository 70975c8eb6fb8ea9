import type { Host } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import { z } from 'zod';
import { type Audit, audit, type Finding, type Invariant, invariants, readSimulatorCharges } from '../audit/index.ts';
import { option, optional } from '../field.ts';
import type { OperationsContext } from '../operations-context.ts';
import { reasonOf } from '../reason-of.ts';
import { timeOf } from '../since.ts';
import { type Table, table } from '../table.ts';
import { defineVerb } from '../verb.ts';

const maxShown = 50; // findings in the table; --json shows all

export const auditVerb = defineVerb({
  words: 'audit',
  group: 'audit',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Audit', id: 'Audit' },
  description: {
    en: `Compares the gateway's, the hosts' and, on a local stack, the simulator's records with each other and with the
      rules. Changes nothing and locks nothing: run it at any time. Without --since: the last 30 days.`,
    id: 'Membandingkan catatan gateway, host, dan simulator satu sama lain dan dengan aturan. Tidak mengubah apa pun.',
  },
  fields: {
    since: optional(option(z.string(), { label: { en: 'Since', id: 'Sejak' }, placeholder: 'time, or 30m, 2h, 30d', kind: 'time' })),
  },
  run: async (context, { since: entered }, { at: now }) => {
    const since = timeOf(entered ?? '30d', now);
    const simulatorUrl = context.simulatorUrl();
    const readCharges = simulatorUrl ? () => readSimulatorCharges(simulatorUrl) : null;
    const { audits, hosts, errors } = await inEveryHostDatabase(context, (db, readyHosts) =>
      audit({ db: db.pool, hosts: readyHosts, readCharges, now, since }),
    );
    const findings = audits.flatMap((each) => each.findings);
    const broken = findings.filter(({ state }) => state === 'broken');
    const sum = (count: (each: Audit) => number) => audits.reduce((all, each) => all + count(each), 0);
    const counts = { payments: sum(({ payments }) => payments), charges: simulatorUrl ? sum(({ charges }) => charges) : null };
    return {
      json: { since, hosts, ...counts, broken: broken.length, waiting: findings.length - broken.length, findings },
      content: [summary(findings), coverage(since, hosts, counts), ...details(findings)],
      errors: [
        ...errors,
        ...(broken.length > 0
          ? [`${broken.length} ${broken.length === 1 ? 'finding needs' : 'findings need'} an operator: see docs/runbook.md`]
          : []),
      ],
    };
  },
});

/** Audits every database with its ready hosts. An unavailable host or database becomes one of `errors`. */
const inEveryHostDatabase = (context: OperationsContext, query: (db: Database, hosts: Host[]) => Promise<Audit>) =>
  context.withHosts(async (hosts) => {
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
  });

function summary(findings: readonly Finding[]): Table {
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

function details(findings: readonly Finding[]): (string | Table)[] {
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
