import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HostProblem } from '@gateway/shared/host';
import { readStrictYaml, writes } from '@gateway/shared/host';
import { z } from 'zod';

/** What a host's keeper expects of it: `tests/expect.yaml` in its folder. */
export interface Expectations {
  /** What makes the rows, in order. */
  seed: { file: string; sql: string }[];
  cases: Case[];
}

export interface Case {
  name: string;
  order: string;
  tenant: string;
  /** When it happens, until a step says otherwise; null: now. */
  at: Date | null;
  steps: Step[];
}

/** One step, with the line it stands in. */
export type Step = z.output<typeof step> & { line: number };

const folderOfTests = 'tests';
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const id = z.union([z.string(), z.number()]).transform(String);
const timestamp = z.iso
  .datetime({ offset: true, error: 'must be a moment with its zone, like "2026-03-02T03:00:00Z"' })
  .transform((text) => new Date(text));
const row = z.record(z.string(), scalar);

const outcome = z.enum(['took_effect', 'refused', 'raised', 'absent'], 'must be took_effect, refused, raised or absent');
const amounts = ['total', 'paid', 'due', 'amount', 'residue', 'recorded'] as const;
const texts = ['order_key', 'store_id', 'order_number', 'customer_name', 'table_number', 'version'] as const;

const expectedOrder = z.strictObject({
  ...Object.fromEntries([...amounts, ...texts].map((name) => [name, scalar.optional()])),
  lines: z.array(row).optional(),
  charges: z.array(row).optional(),
  items: z.array(row).optional(),
});

const verbs = ['read', 'not_payable', 'unknown', 'sql', 'query', ...writes, 'interrupted'] as const;

const step = z
  .strictObject({
    /** The order can be charged, and reads like this. */
    read: expectedOrder.nullable().optional(),
    /** It cannot, because… (a part of the reason). */
    not_payable: z.string().optional(),
    /** This tenant has no such order. */
    unknown: z.literal(true).optional(),
    /** The host's own software does something. */
    sql: z.string().optional(),
    /** What is in the tables now, and … */
    query: z.string().optional(),
    gives: z.array(row).optional(),
    created: outcome.optional(),
    paid: outcome.optional(),
    expired: outcome.optional(),
    failed: outcome.optional(),
    cancelled: outcome.optional(),
    refunded: outcome.optional(),
    /** The statement runs, and before the commit everything is lost. */
    interrupted: z.enum(writes).optional(),
    /** Which payment of this order, from 1; unless told, the last one created. */
    payment: z.int().min(1).optional(),
    /** `host_payment_key`, as the statement returned it. */
    key: id.optional(),
    /** A part of what the host says when it raises. */
    says: z.string().optional(),
    with: z
      .strictObject({ order_version: id.optional(), refund_amount: z.int().min(1).optional(), refunded_total: z.int().min(1).optional() })
      .optional(),
    at: timestamp.optional(),
  })
  .refine((each) => verbsOf(each).length === 1, { error: `must have exactly one of ${verbs.join(', ')}` })
  .refine((each) => (each.query === undefined) === (each.gives === undefined), { error: 'query and gives belong together' });

const expectations = z.strictObject({
  tenant: id.optional(),
  seed: z.array(z.string()).default([]),
  cases: z
    .array(z.strictObject({ case: z.string(), order: id, tenant: id.optional(), at: timestamp.optional(), steps: z.array(step).min(1) }))
    .min(1),
});

export type Verb = (typeof verbs)[number];
export type ExpectedOrder = z.output<typeof expectedOrder>;

export function verbOf(each: object): Verb {
  return verbsOf(each)[0] as Verb;
}

const verbsOf = (each: object): Verb[] => verbs.filter((verb) => (each as Record<string, unknown>)[verb] !== undefined);

/** Reads what is expected of a host. @param hostFolder its path */
export function readExpectations(hostFolder: string): Expectations | { problems: HostProblem[] } {
  const file = `${basename(hostFolder)}/${folderOfTests}/expect.yaml`;
  const pathOf = (name: string) => join(hostFolder, folderOfTests, name);
  const problem = (message: string): HostProblem => ({ file, line: null, column: null, message });
  if (!existsSync(pathOf('expect.yaml'))) return { problems: [problem('is missing: it says what is expected of the host')] };
  const read = readStrictYaml(expectations, file, readFileSync(pathOf('expect.yaml'), 'utf8'));
  if ('problems' in read) return read;
  const { seed, cases, tenant } = read.value;
  const problems = [
    ...seed.filter((name) => !existsSync(pathOf(name))).map((name) => problem(`names the seed ${name}, which is not beside it`)),
    ...cases
      .filter((each) => (each.tenant ?? tenant) === undefined)
      .map((each) => problem(`case ${JSON.stringify(each.case)} has no tenant, and there is none for all`)),
  ];
  if (problems.length > 0) return { problems };
  return {
    seed: seed.map((name) => ({ file: `${basename(hostFolder)}/${folderOfTests}/${name}`, sql: readFileSync(pathOf(name), 'utf8') })),
    cases: cases.map((each, c) => ({
      name: each.case,
      order: each.order,
      tenant: each.tenant ?? (tenant as string),
      at: each.at ?? null,
      steps: each.steps.map((one, s) => ({ ...one, line: read.placeOf(['cases', c, 'steps', s]).line })),
    })),
  };
}
