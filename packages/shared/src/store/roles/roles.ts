import pg from 'pg';
import { connectClient, hasSqlState, isPostgresError, sqlState } from '../../postgres/index.ts';
import { serverUrl } from '../../runtime/index.ts';
import { setLockTimeout } from '../lock-timeout.ts';
import { grantStatements, migrateRole, roleNames, serveRole, tillGrants } from './grants.ts';
import { scramVerifier } from './scram-verifier.ts';

/** The user of a migration may not do what it takes to set up the roles. The message has the statements for a superuser. */
export class RolesNotAllowed extends Error {
  override readonly name = 'RolesNotAllowed';

  constructor(user: string, cause: unknown) {
    super(
      `${user} may not migrate. Name a user who may in …_MIGRATE_URL, or let a superuser run once: ` +
        `${roleNames.map((role) => `create role ${role};`).join(' ')} grant ${migrateRole} to "${user.replaceAll('"', '""')}";`,
      { cause },
    );
  }
}

/**
 * Creates the three roles where they are missing, lets this connection act as `gateway_migrate`, and gives that role the schema with
 * everything in it. May run twice, also at the same time in several databases of one server.
 * @throws RolesNotAllowed
 */
export async function setUpRoles(connection: pg.Client): Promise<void> {
  try {
    await createMissingRoles(connection);
    await becomeMember(connection);
    await connection.query(`create schema if not exists gateway authorization ${migrateRole}`);
    await connection.query(`${setLockTimeout} ${takeOwnershipOf(`'gateway'`)}`);
  } catch (error) {
    if (hasSqlState(error, sqlState.insufficientPrivilege)) throw new RolesNotAllowed(connection.user ?? '', error);
    throw error;
  }
}

async function createMissingRoles(connection: pg.Client): Promise<void> {
  const { rows } = await connection.query<{ name: string }>('select rolname as name from pg_roles where rolname = any($1)', [roleNames]);
  for (const role of roleNames.filter((name) => !rows.some((row) => row.name === name)))
    await connection.query(`create role ${role}`).catch((error) => {
      if (!hasSqlState(error, '42710') && !hasSqlState(error, sqlState.uniqueViolation)) throw error; // another database's migration has created it meanwhile
    });
}

/** Before PostgreSQL 16 a user who may create roles is not a member of what it created; since then it may not act as it. */
async function becomeMember(connection: pg.Client): Promise<void> {
  await connection.query('begin');
  const refusal: unknown = await connection.query(`set local role ${migrateRole}`).then(
    () => null,
    (error) => error,
  );
  await connection.query('rollback');
  if (!refusal) return;
  if (!hasSqlState(refusal, sqlState.insufficientPrivilege)) throw refusal;
  await connection.query(`grant ${migrateRole} to current_user`);
}

/** Tables that an earlier version created belong to the user of that time. A sequence of an identity column follows its table. */
const takeOwnershipOf = (schemas: string): string => `do $$
declare object record;
begin
  for object in select oid::regnamespace as name from pg_namespace where nspname in (${schemas}) and nspowner <> '${migrateRole}'::regrole loop
    execute format('alter schema %s owner to ${migrateRole}', object.name);
  end loop;
  for object in select c.oid::regclass as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (${schemas}) and c.relkind in ('r', 'p', 'S', 'v') and c.relowner <> '${migrateRole}'::regrole
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
  loop
    execute format('alter table %s owner to ${migrateRole}', object.name);
  end loop;
  for object in select p.oid::regprocedure as name from pg_proc p
    where p.pronamespace = 'gateway'::regnamespace and p.proowner <> '${migrateRole}'::regrole
  loop
    execute format('alter function %s owner to ${migrateRole}', object.name);
  end loop;
end $$`;

/**
 * Gives `gateway_migrate` what the migrations have created, and each role exactly its rights, in one transaction.
 * @param options.hasTill the schema `till` of this database is the gateway's
 */
export async function grantRights(connection: pg.Client, { hasTill }: { hasTill: boolean }): Promise<void> {
  await connection.query(takeOwnershipOf(hasTill ? `'gateway', 'till'` : `'gateway'`)); // the table of migrations belongs to the user that has created it
  const grants = [...grantStatements, ...(hasTill ? tillGrants : [])];
  await connection.query(`${setLockTimeout} set role ${migrateRole}; ${grants.join('; ')}; reset role`); // one query is one transaction
}

/**
 * Lets the user of `serveUrl` serve. The role `gateway_serve` itself becomes a login with the password of that URL, unless it can log in
 * already; another user becomes a member of it. Does nothing for the user that migrates: then one role does both.
 */
export async function admitServingUser(connection: pg.Client, serveUrl: string): Promise<void> {
  const user = decodeURIComponent(serverUrl(serveUrl).username);
  if (user === connection.user) return;
  if (user !== serveRole) {
    await connection.query(`grant ${serveRole} to ${pg.escapeIdentifier(user)}`);
    return;
  }
  if (await canLogIn(serveUrl)) return;
  const password = decodeURIComponent(serverUrl(serveUrl).password);
  await connection.query(`alter role ${serveRole} login password ${pg.escapeLiteral(scramVerifier(password))}`); // the server's log gets no password
}

async function canLogIn(url: string): Promise<boolean> {
  try {
    const client = await connectClient(url, { application_name: 'gateway migrate', connectionTimeoutMillis: 5_000 });
    await client.end();
    return true;
  } catch (error) {
    if (isPostgresError(error)) return false; // no login, or another password
    throw error;
  }
}
