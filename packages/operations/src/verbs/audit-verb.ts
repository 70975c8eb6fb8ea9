import type { Host } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import { z } from 'zod';
import { type Audit, audit, type Finding, type Invariant, invariants, readSimulatorCharges } from '../audit/index.ts';
import { codeWords } from '../codes.ts';
import { option, optional } from '../field.ts';
import type { OperationsContext } from '../operations-context.ts';
import { unavailable } from '../rows-of-databases.ts';
import { timeOf } from '../since.ts';
import { type Table, table } from '../table.ts';
import { defineVerb } from '../verb.ts';
import { joined, same, type Words } from '../words.ts';

const maxShown = 50; // findings in the table; --json shows all

export const auditVerb = defineVerb({
  words: 'audit',
  group: 'audit',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Audit the records', id: 'Audit catatan uang' },
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
          ? [
              {
                en: `${broken.length} ${broken.length === 1 ? 'finding needs' : 'findings need'} an operator: see docs/runbook.md`,
                id: `${broken.length} temuan memerlukan petugas: lihat docs/runbook.md`,
              },
            ]
          : []),
      ],
    };
  },
});

/** Audits every database with its ready hosts. An unavailable host or database becomes one of `errors`. */
const inEveryHostDatabase = (context: OperationsContext, query: (db: Database, hosts: Host[]) => Promise<Audit>) =>
  context.withHosts(async (hosts) => {
    const errors = hosts.states().flatMap(({ id, ready, why }) =>
      ready
        ? []
        : [
            {
              en: `host ${id} unavailable, not checked: ${why.join('; ')}`,
              id: `host ${id} tidak tersedia, tidak diperiksa: ${why.join('; ')}`,
            },
          ],
    );
    const audits: Audit[] = [];
    for (const { db, database } of hosts.databases()) {
      const hostsInDatabase = hosts.ready().filter((host) => host.db === db);
      await query(db, hostsInDatabase).then(
        (found) => audits.push(found),
        (error: unknown) => errors.push(unavailable(database, error)),
      );
    }
    return { audits, errors, hosts: hosts.ready().map(({ id }) => id) };
  });

function summary(findings: readonly Finding[]): Table {
  const count = (invariant: string, state: Finding['state']) =>
    findings.filter((each) => each.invariant === invariant && each.state === state).length;
  const rows = Object.entries(invariants) as [Invariant, Words][];
  return table(
    rows,
    {
      INVARIANT: ([id]) => id,
      BROKEN: ([id]) => count(id, 'broken') || '-',
      WAITING: ([id]) => count(id, 'waiting') || '-',
      RULE: ([, description]) => description,
    },
    same(''),
  );
}

function coverage(since: Date, hosts: readonly string[], { payments, charges }: { payments: number; charges: number | null }): Words {
  const sources = joined(
    [
      { en: `${payments} payments`, id: `${payments} pembayaran` },
      { en: `the orders of ${hosts.join(' and ') || 'no host'}`, id: `pesanan ${hosts.join(' dan ') || 'tanpa host'}` },
      ...(charges === null ? [] : [{ en: `${charges} charges of the simulator`, id: `${charges} tagihan simulator` }]),
    ],
    ', ',
  );
  return {
    en: `Checked since ${since.toISOString()}: ${sources.en}. "waiting" is retried automatically.`,
    id: `Diperiksa sejak ${since.toISOString()}: ${sources.id}. Yang menunggu dicoba lagi secara otomatis.`,
  };
}

function details(findings: readonly Finding[]): (Words | Table)[] {
  if (findings.length === 0) return [];
  const columns = {
    STATE: ({ state }: Finding) => (state === 'broken' ? { en: state, id: 'dilanggar' } : { en: state, id: 'menunggu' }),
    RULE: ({ invariant, rule }: Finding) => `${invariant} ${rule}`,
    ABOUT: ({ about }: Finding) => about,
    OURS: ({ ours }: Finding) => ours && codeWords(ours),
    THEIRS: ({ theirs }: Finding) => theirs && codeWords(theirs),
  };
  const sorted = findings.toSorted((a, b) => a.state.localeCompare(b.state));
  const more =
    findings.length > maxShown
      ? [{ en: `… and ${findings.length - maxShown} more: --json shows all.`, id: `… dan ${findings.length - maxShown} lagi.` }]
      : [];
  return [table(sorted.slice(0, maxShown), columns, same('')), ...more];
}
