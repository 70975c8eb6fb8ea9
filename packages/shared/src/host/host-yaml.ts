import { z } from 'zod';
import type { MoneyPolicy } from '../payment/index.ts';
import { isSessionSetting } from '../postgres/index.ts';
import { hostIdPattern } from '../runtime/index.ts';
import type { HostProblem } from './host-problem.ts';
import { readStrictYaml } from './strict-yaml.ts';

/** The settings in host.yaml. */
export interface HostSettings {
  /** The first part of every reference at a provider, so that a webhook finds its database. */
  id: string;
  flavour: 'pos' | 'erp';
  /** What holds the URL of the host's database: an environment variable, or a file (`pos/database.url`). */
  database: string;
  /** The name of that file; null when the environment has the URL. */
  databaseUrlFile: string | null;
  /** The time zone in which the host writes timestamps without a zone, and dates. */
  timezone: string;
  /** Null: the search path of the connection. */
  searchPath: readonly string[] | null;
  /** Settings of each transaction; the value `:tenant` stands for the tenant of the order. */
  set: Readonly<Record<string, string>>;
  money: MoneyPolicy;
  /** `paid.sql` hands the payment over, and the host itself raises the order's paid amount later. */
  booksLater: boolean;
  /** Whether a refund of a part is none of the host's business: `refunded.sql` runs when everything was refunded. */
  ignoresPartialRefunds: boolean;
}

const decimalText = z
  .string('must be a decimal in quotes, like "0.50"')
  .regex(/^\d{1,15}(\.\d{1,9})?$/, 'must be a decimal that is not negative, in quotes, like "0.50"');

const hasOwnKey = (setting: string): boolean => ['timezone', 'search_path'].includes(setting.toLowerCase());
// Any other setting could change who the gateway is (role), how long a till waits (timeouts), or whether triggers run and commits last
// (session_replication_role, synchronous_commit).
const ownSetting = /\.|^(work_mem|jit|plan_cache_mode|random_page_cost|(from|join)_collapse_limit|enable_[a-z_]+)$/i;

const settingName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/i, 'is not the name of a setting')
  .refine((name) => !hasOwnKey(name), 'has a key of its own in this file')
  .refine((name) => hasOwnKey(name) || !isSessionSetting(name), 'is what the gateway relies on: every session of it has its own value')
  .refine(
    (name) => hasOwnKey(name) || isSessionSetting(name) || ownSetting.test(name),
    "may not be set here: only the host's own settings, with a dot in their name, and those of the planner",
  );

const settingValue = z
  .string('must be a text; put it in quotes')
  .refine((value) => value === ':tenant' || !value.startsWith(':'), ':tenant is the only parameter here');

const hostYaml = z
  .strictObject({
    id: z.string().regex(hostIdPattern, 'must be 2 to 10 of a-z and 0-9, a letter first'),
    flavour: z.enum(['pos', 'erp'], 'must be pos or erp'),
    database: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of an environment variable, like POS_DATABASE_URL')
      .optional(),
    database_url_file: z
      .string()
      .regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/, 'must be the name of a file beside host.yaml, like database.url')
      .optional(),
    timezone: z.string().refine(isTimeZone, 'must be a time zone by name, like Asia/Jakarta'),
    session: z
      .strictObject({ search_path: z.array(z.string().min(1)).min(1).optional(), set: z.record(settingName, settingValue).optional() })
      .optional(),
    money: z.strictObject({
      rounding: z.enum(['half_up', 'half_even', 'up', 'down'], 'must be half_up, half_even, up or down'),
      record: z.enum(['host_due', 'charged'], 'must be host_due or charged'),
      max_residue: decimalText,
    }),
    reconcile: z.union(
      [z.literal('off'), z.strictObject({ tolerance: decimalText })],
      'must be off, or a tolerance like { tolerance: "0.01" }',
    ),
    books: z.enum(['at_once', 'later'], 'must be at_once or later').default('at_once'),
    partial_refunds: z.enum(['written', 'ignored'], 'must be written or ignored').default('written'),
  })
  .refine(({ database, database_url_file: file }) => (database === undefined) !== (file === undefined), {
    path: ['database'],
    error: 'or database_url_file is needed, one of the two',
  });

/** Accepts names only: PostgreSQL reads the sign of an offset such as `+07:00` in the opposite direction to ISO 8601. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** Reads host.yaml. Returns the settings, or every problem with its place. */
export function readHostYaml(file: string, text: string): { settings: HostSettings } | { problems: HostProblem[] } {
  const read = readStrictYaml(hostYaml, file, text);
  return 'problems' in read ? read : { settings: settingsOf(read.value) };
}

function settingsOf({
  session,
  money,
  reconcile,
  books,
  database_url_file,
  partial_refunds,
  ...named
}: z.output<typeof hostYaml>): HostSettings {
  return {
    ...named,
    database: named.database ?? `${named.id}/${database_url_file}`,
    databaseUrlFile: database_url_file ?? null,
    searchPath: session?.search_path ?? null,
    set: session?.set ?? {},
    booksLater: books === 'later',
    ignoresPartialRefunds: partial_refunds === 'ignored',
    money: {
      rounding: money.rounding,
      record: money.record,
      maxResidue: money.max_residue,
      tolerance: reconcile === 'off' ? null : reconcile.tolerance,
    },
  };
}
