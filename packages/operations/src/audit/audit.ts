import type { Host } from '@gateway/shared/host';
import type { Queryable } from '@gateway/shared/postgres';
import { attemptReferencePattern } from '@gateway/shared/runtime';
import type { Finding } from './finding.ts';
import { moneyAtProvider, moneyRecorded } from './i1-money-recorded.ts';
import { moneyExplained } from './i2-money-explained.ts';
import { chargedAmount, oneQr } from './i3-one-qr.ts';
import { transitionRules } from './i4-transitions.ts';
import { auditHost, hostWrites } from './i5-host-orders.ts';
import { auditHostRows } from './i5-host-rows.ts';
import { auditSequences, releases } from './i6-releases.ts';
import { unknownChargeWebhooks, webhooks, webhooksStored } from './i7-webhooks.ts';
import { ends } from './i8-ends.ts';
import { refunds, refundsAtProvider } from './i9-refunds.ts';
import { ourCharges, type ProviderCharge } from './provider-charges.ts';
import { apply, type Page, paymentsPerPage } from './rule.ts';

const rules = [
  ...moneyRecorded,
  ...moneyExplained,
  ...oneQr,
  ...transitionRules,
  ...hostWrites,
  ...releases,
  ...webhooks,
  ...ends,
  ...refunds,
];
const comparisons = [moneyAtProvider, chargedAmount, webhooksStored, refundsAtProvider];

/** The records that the audit compares. */
export interface AuditSources {
  /** A database with the schema `gateway`. */
  db: Queryable;
  /** The ready hosts in this database. */
  hosts: readonly Host[];
  /** Reads the charges at the providers, anew at each call. Null with real providers, which offer no such list. */
  readCharges: (() => Promise<readonly ProviderCharge[]>) | null;
  now: Date;
  /** Payments created before this time are left out. */
  since: Date;
  /** Called after each page of payments with the number that was read. False ends the audit early. Default: it goes on at once. */
  goesOn?: (payments: number) => Promise<boolean>;
}

/** The result of an audit, with the numbers of compared payments and charges. */
export interface Audit {
  payments: number;
  charges: number;
  findings: Finding[];
  /** False: `goesOn` ended it early. */
  isComplete: boolean;
}

const noPage: Page = { since: new Date(0), after: '', upto: '' };
const chargesPerBatch = 500;

/**
 * Checks I1 to I9. It changes nothing and takes no locks, so it may run while the gateway works. Comparisons with a host or a
 * provider read two systems at two moments, so they run twice, and a finding counts when both runs have it.
 */
export async function audit(sources: AuditSources): Promise<Audit> {
  const own = await auditOwnRecords(sources);
  const { charges, findings } = await auditProviders(sources);
  return { payments: own.payments, charges, findings: [...own.findings, ...findings], isComplete: own.isComplete };
}

async function auditOwnRecords({ db, hosts, now, since, goesOn }: AuditSources): Promise<Omit<Audit, 'charges'>> {
  const findings: Finding[] = [];
  let payments = 0;
  for (let after = firstIdOf(since); ; ) {
    const { rows } = await db.query<{ id: string }>({
      text: `select id from gateway.payments where id > $1 order by id limit ${paymentsPerPage}`,
      values: [after],
    });
    const upto = rows.at(-1)?.id;
    if (!upto) break;
    payments += rows.length;
    findings.push(...(await auditPage({ db, hosts, now }, { since, after, upto })));
    after = upto;
    if (goesOn && !(await goesOn(payments))) return { payments, findings, isComplete: false };
  }
  findings.push(...(await auditSequences(db, now)), ...(await apply(unknownChargeWebhooks, db, noPage, now)));
  return { payments, findings, isComplete: true };
}

async function auditPage({ db, hosts, now }: Pick<AuditSources, 'db' | 'hosts' | 'now'>, page: Page): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const rule of rules) findings.push(...(await apply(rule, db, page, now)));
  for (const host of hosts) {
    const runRules = async () => [...(await auditHost(host, page)), ...(await auditHostRows(host, page))];
    const first = await runRules();
    if (first.length > 0) findings.push(...confirmed(first, await runRules()));
  }
  return findings;
}

async function auditProviders({ db, hosts, readCharges, since }: AuditSources): Promise<{ charges: number; findings: Finding[] }> {
  if (!readCharges) return { charges: 0, findings: [] };
  const ids = new Set(hosts.map(({ id }) => id));
  const runComparisons = async (onlyReferences: ReadonlySet<string> | null) => {
    const all = (await readCharges()).filter(
      ({ reference }) => isOurs(reference, ids, since) && (!onlyReferences || onlyReferences.has(reference)),
    );
    return { charges: all.length, findings: await compare(db, all) };
  };
  const first = await runComparisons(null);
  if (first.findings.length === 0) return first;
  const second = await runComparisons(new Set(first.findings.map(({ about }) => about)));
  return { charges: first.charges, findings: confirmed(first.findings, second.findings) };
}

async function compare(db: AuditSources['db'], charges: readonly ProviderCharge[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let at = 0; at < charges.length; at += chargesPerBatch) {
    const batch = charges.slice(at, at + chargesPerBatch);
    const ours = await ourCharges(
      db,
      batch.map(({ reference }) => reference),
    );
    for (const theirs of batch) {
      const known = ours.get(theirs.reference);
      if (known) findings.push(...comparisons.flatMap((comparison) => comparison(theirs, known)));
    }
  }
  return findings;
}

const findingKey = ({ invariant, rule, about }: Finding): string => `${invariant} ${rule} ${about}`;

function confirmed(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const before = new Set(first.map(findingKey));
  return second.filter((finding) => before.has(findingKey(finding)));
}

/** Whether the reference is of an attempt of one of these hosts, created since then. */
function isOurs(reference: string, hosts: ReadonlySet<string>, since: Date): boolean {
  const { host = '', ulid = '' } = attemptReferencePattern.exec(reference)?.groups ?? {};
  return hosts.has(host) && ulid > ulidTime(since);
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** The start of a ULID that was created at this time: its first ten characters are the milliseconds, five bits each. */
function ulidTime(at: Date): string {
  let text = '';
  for (let remaining = at.getTime(), n = 0; n < 10; n++, remaining = Math.floor(remaining / 32))
    text = alphabet.charAt(remaining % 32) + text;
  return text;
}

const firstIdOf = (since: Date): string => `pay_${ulidTime(since)}`;
