import {
  type HostFolder,
  HostStatementFailed,
  hostOrders,
  inRolledBackTransaction,
  OrderKeyNotCanonical,
  onOwnConnection,
} from '@gateway/shared/host';
import { hasSqlState, isPostgresError, messageOf, sqlState } from '@gateway/shared/postgres';
import { type Logger, newUlid } from '@gateway/shared/runtime';
import type pg from 'pg';
import { type DryRunSession, inSavepoint, paymentOf, readInDryRun, runWrites, writePaths } from './dry-run-session.ts';
import type { Grant } from './grants.ts';

/** The result of running every write under a role that has the grants and nothing else. */
export interface GrantProof {
  /** The grants, widened until every write passed. */
  grants: Grant[];
  /** What was not proven, one sentence each. Empty: every write ran with these grants alone. */
  gaps: string[];
}

interface ProofRequest {
  orderId: string;
  tenant: string;
  now: Date;
  log: Logger;
}

/**
 * Runs the reads and all writes of an order under a new role that has `granted` and nothing else, and adds what is missing: rights of
 * functions and triggers, which no statement names. Everything, the role too, is rolled back; only sequences have advanced. Needs a
 * connection that may create a role and grant these rights.
 * @throws when the database cannot be reached
 */
export async function proveGrants(folder: HostFolder, url: string, granted: readonly Grant[], request: ProofRequest): Promise<GrantProof> {
  const orders = hostOrders(folder, { log: request.log });
  const prove = (client: pg.Client, orderId: string) =>
    inRolledBackTransaction(client, async () => {
      await client.query(orders.sessionStatement(request.tenant));
      return widen({ folder, client, orders }, granted, { ...request, orderId });
    });
  return onOwnConnection(
    url,
    (client) =>
      prove(client, request.orderId).catch((error) => {
        if (error instanceof OrderKeyNotCanonical) return prove(client, error.orderKey);
        throw error;
      }),
    { pipeline: true },
  );
}

async function widen(session: DryRunSession, granted: readonly Grant[], request: ProofRequest): Promise<GrantProof> {
  const role = await createRole(session.client, granted).catch((error: unknown) => {
    if (hasSqlState(error, sqlState.insufficientPrivilege)) return { refusal: messageOf(error as Error & { code: string }) };
    throw error;
  });
  if (typeof role !== 'string')
    return { grants: [...granted], gaps: [`this user cannot try the grants under a role of its own: ${role.refusal}`] };
  const added: string[] = [];
  const run = (rights: readonly string[]) => runAs(session, role, rights, request);
  for (;;) {
    const { denied, gaps } = await run(added);
    const missing = denied === null ? [] : (await rightsOn(session.client, denied)).filter((right) => !added.includes(right));
    if (denied !== null && missing.length > 0) {
      added.push(...missing);
      continue;
    }
    const needed = denied === null ? await withoutUnneeded(added, async (rights) => (await run(rights)).denied === null) : added;
    return { grants: merged(granted, needed), gaps: denied === null ? gaps : [denied] };
  }
}

/** The name of a role with these grants, quoted by its form. The current user becomes its member, so that it can act as it. */
async function createRole(client: pg.Client, granted: readonly Grant[]): Promise<string> {
  const role = `gateway_proof_${newUlid()}`;
  await client.query(`create role ${role}`);
  await client.query(`grant ${role} to current_user`);
  for (const { right } of granted) await client.query(`grant ${right} to ${role}`);
  return role;
}

/** Removes each right without which everything still passes. */
async function withoutUnneeded(rights: readonly string[], passes: (rights: string[]) => Promise<boolean>): Promise<string[]> {
  let needed = [...rights];
  for (const right of rights) {
    const others = needed.filter((each) => each !== right);
    if (await passes(others)) needed = others;
  }
  return needed;
}

/** A right on a whole table replaces the same right on some of its columns. */
function merged(granted: readonly Grant[], added: readonly string[]): Grant[] {
  const isCovered = ({ right }: Grant) => added.includes(right.replace(/ \(.*\) on /, ' on '));
  return [...granted.filter((grant) => !isCovered(grant)), ...added.map((right) => ({ right, neededBy: ['triggers'] }))];
}

interface Run {
  /** PostgreSQL's first `permission denied for …`; null when there was none. */
  denied: string | null;
  gaps: string[];
}

/** Runs the reads and every path of writes as the role, with further rights. */
async function runAs(session: DryRunSession, role: string, rights: readonly string[], request: ProofRequest): Promise<Run> {
  const { client } = session;
  const gaps: string[] = [];
  for (const path of writePaths) {
    const denied = await inSavepoint(client, 'proof', async () => {
      for (const right of rights) await client.query(`grant ${right} to ${role}`);
      await client.query(`set local role ${role}`);
      const found = await readInDryRun(session, request);
      if (!found.bill) return isDenied(found.refusal) ? found.refusal : void gaps.push(`the order cannot be charged: ${found.refusal}`);
      const writes = await runWrites(session, paymentOf(found.read.order, found.bill, session, request.now), path, request.now);
      for (const { name, outcome } of writes) {
        if (outcome.kind === 'raised' && isDenied(outcome.postgres)) return outcome.postgres;
        if (outcome.kind === 'raised') gaps.push(`${name} raised: ${outcome.postgres}`);
        if (outcome.kind === 'refused') gaps.push(`${name} returned no row`);
      }
      return null;
    }).catch(deniedIn);
    if (denied) return { denied, gaps };
  }
  return { denied: null, gaps: [...new Set(gaps)] };
}

const isDenied = (message: string): boolean => /permission denied for /.test(message);

function deniedIn(error: unknown): string {
  if (error instanceof HostStatementFailed && isDenied(error.message)) return error.message;
  if (isPostgresError(error) && isDenied(error.message)) return error.message;
  throw error;
}

/**
 * The rights that may be missing when PostgreSQL denies access. Its message names the object without its schema and the right not at
 * all, so every right on every object of that name is a candidate; the ones that are not needed are removed afterwards.
 */
async function rightsOn(client: pg.Client, message: string): Promise<string[]> {
  const [, kind, name] = /permission denied for (?:materialized |foreign )?(\w+) (.+?)(?: \(|$)/.exec(message) ?? [];
  if (!name) return [];
  if (kind === 'schema') return [`usage on schema ${quoted(name)}`];
  const { rows } = await client.query<{ right: string }>(candidates, [name]);
  return rows.map(({ right }) => right);
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const candidates = `
  select r || ' on ' || case c.relkind when 'S' then 'sequence ' else '' end || format('%I.%I', n.nspname, c.relname) as right
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace,
    unnest(case c.relkind when 'S' then array['update', 'select', 'usage'] else array['select', 'insert', 'update', 'delete'] end) as r
  where c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
  union all
  select format('execute on function %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where p.proname = $1 and n.nspname <> 'pg_catalog' and not has_function_privilege('public', p.oid, 'execute')`;
