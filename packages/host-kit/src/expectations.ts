import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HostProblem } from '@gateway/shared/host';
import { readStrictYaml, writes } from '@gateway/shared/host';
import { readTextFile } from '@gateway/shared/runtime';
import { z } from 'zod';

/** The maintainer's expectations of a host: `tests/expect.yaml` in its folder. */
export interface Expectations {
  /** The scripts that insert the rows, in the order in which they run. */
  seed: { file: string; sql: string }[];
  cases: Case[];
}

/** Steps with one order of one tenant. */
export interface Case {
  name: string;
  order: string;
  tenant: string;
  /** The time of the first step; null: now. A step may set a later one. */
  at: Date | null;
  steps: Step[];
}

/** One step, with its line in the file. */
export type Step = z.output<typeof step> & { line: number };

const testsFolder = 'tests';
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const id = z.union([z.string(), z.number()]).transform(String);
const timestamp = z.iso
  .datetime({ offset: true, error: 'must be a timestamp with its zone, like "2026-03-02T03:00:00Z"' })
  .transform((text) => new Date(text));
const row = z.record(z.string(), scalar);

const outcome = z.enum(['took_effect', 'refused', 'raised', 'absent'], 'must be took_effect, refused, raised or absent');
const amounts = ['total', 'paid', 'due', 'amount', 'residue', 'recorded'] as const;
const texts = ['order_key', 'store_id', 'order_number', 'customer_name', 'table_number', 'version', 'order_id', 'order_type'] as const;

const expectedOrder = z.strictObject({
  ...Object.fromEntries([...amounts, ...texts].map((name) => [name, scalar.optional()])),
  metadata: z.record(z.string(), z.string()).nullable().optional(),
  lines: z.array(row).optional(),
  charges: z.array(row).optional(),
  items: z.array(row).optional(),
});

const verbs = ['read', 'not_payable', 'unknown', 'sql', 'query', ...writes, 'interrupted'] as const;

const step = z
  .strictObject({
    /** The order can be charged, and has these values. */
    read: expectedOrder.nullable().optional(),
    /** The order cannot be charged; the text is a part of the reason. */
    not_payable: z.string().optional(),
    /** The tenant has no such order. */
    unknown: z.literal(true).optional(),
    /** SQL that stands for an action of the host's own software. */
    sql: z.string().optional(),
    /** A query on the tables; `gives` has the rows that it must return. */
    query: z.string().optional(),
    gives: z.array(row).optional(),
    created: outcome.optional(),
    paid: outcome.optional(),
    expired: outcome.optional(),
    failed: outcome.optional(),
    cancelled: outcome.optional(),
    refunded: outcome.optional(),
    /** The statement runs, and the gateway stops before the commit. */
    interrupted: z.enum(writes).optional(),
    /** The number of the payment of this order, from 1. Default: the last one created. */
    payment: z.int().min(1).optional(),
    /** The `host_payment_key` that the statement must return. */
    key: id.optional(),
    /** A part of the message with which the host raises. */
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

/** Reads `tests/expect.yaml` and its seeds. Returns every problem with its place. @param hostFolder the path of the host's folder */
export function readExpectations(hostFolder: string): Expectations | { problems: HostProblem[] } {
  const file = `${basename(hostFolder)}/${testsFolder}/expect.yaml`;
  const pathOf = (name: string) => join(hostFolder, testsFolder, name);
  const problem = (message: string): HostProblem => ({ file, line: null, column: null, message });
  if (!existsSync(pathOf('expect.yaml'))) return { problems: [problem('is missing: it lists what is expected of the host')] };
  const read = readStrictYaml(expectations, file, readTextFile(pathOf('expect.yaml')));
  if ('problems' in read) return read;
  const { seed, cases, tenant } = read.value;
  const problems = [
    ...seed.filter((name) => !existsSync(pathOf(name))).map((name) => problem(`names the seed ${name}, which does not exist`)),
    ...cases
      .filter((each) => (each.tenant ?? tenant) === undefined)
      .map((each) => problem(`case ${JSON.stringify(each.case)} has no tenant, and the file has no default`)),
  ];
  if (problems.length > 0) return { problems };
  return {
    seed: seed.map((name) => ({ file: `${basename(hostFolder)}/${testsFolder}/${name}`, sql: readTextFile(pathOf(name)) })),
    cases: cases.map((each, c) => ({
      name: each.case,
      order: each.order,
      tenant: each.tenant ?? (tenant as string),
      at: each.at ?? null,
      steps: each.steps.map((one, s) => ({ ...one, line: read.placeOf(['cases', c, 'steps', s]).line })),
    })),
  };
}
