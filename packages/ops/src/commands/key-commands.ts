import {
  systemClock as clock,
  newSecret,
  type OperatorRole,
  operatorEntry,
  operatorNamePattern,
  operatorRoles,
  storeIdPattern,
} from '@gateway/shared/runtime';
import { auditLog, clients } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { actor, hostFolders, readContext, withControl } from '../context.ts';
import { table } from '../table.ts';

const text = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;

const create: Command = {
  words: 'create',
  usage: '--name <text> --host <id> --tenant <id> [--store <id> …] [--scope payments,refunds,events,webhooks]',
  description:
    'Creates a key for one tenant of one host; without --store for all its stores, without --scope for all scopes. Shows its secret once.',
  positionals: 0,
  options: { name: text, host: text, tenant: text, store: several, scope: several },
  run: async (args, env) => {
    const client = {
      name: args.option('name'),
      host: requireHost(args.option('host'), env),
      tenant: args.option('tenant'),
      stores: args.list('store')?.map(storeId) ?? null,
      scopes: args.list('scope')?.map(scope) ?? [...clients.scopes],
    };
    const { id, secret } = await withControl(env, ({ knex }) =>
      knex.transaction(async (trx) => {
        const created = await clients.create(trx, client, clock.now());
        await auditLog.record(trx, { actor: actor(env), action: 'create-key', subject: created.id, details: client, at: clock.now() });
        return created;
      }),
    );
    return {
      json: { id, ...client, secret },
      text: `${id}: ${client.host}, tenant ${client.tenant}, ${storesOf(client)}, ${client.scopes.join(', ')}\n\n  ${secret}\n\nShown once; only its hash is stored.`,
    };
  },
};

const list: Command = {
  words: 'list',
  usage: '',
  description: 'All keys, also revoked ones, without their secrets.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const allClients = await withControl(env, ({ knex }) => clients.list(knex));
    const columns = {
      ID: ({ id }: clients.Client) => id,
      NAME: ({ name }: clients.Client) => name,
      HOST: ({ host }: clients.Client) => host,
      TENANT: ({ tenant }: clients.Client) => tenant,
      STORES: storesOf,
      SCOPES: ({ scopes: granted }: clients.Client) => granted.join(','),
      CREATED: ({ createdAt }: clients.Client) => createdAt,
      REVOKED: ({ revokedAt }: clients.Client) => revokedAt,
    };
    return { json: allClients, text: table(allClients, columns, 'No keys. npm run keys -- create makes one.') };
  },
};

const revoke: Command = {
  words: 'revoke',
  usage: '<id>',
  description: 'Revokes a key for good, in every process within 5 seconds.',
  positionals: 1,
  options: {},
  run: async (args, env) => {
    const id = args.positional('the id of the key (cli_…)');
    const revoked = await withControl(env, ({ knex }) =>
      knex.transaction(async (trx) => {
        const before: { revoked_at: Date | null } | undefined = await trx('gateway.clients').where({ id }).forUpdate().first('revoked_at');
        if (!before) throw new CommandError(`unknown key ${id}; npm run keys -- list shows them`);
        if (before.revoked_at) return before.revoked_at;
        await clients.revoke(trx, id, clock.now());
        await auditLog.record(trx, { actor: actor(env), action: 'revoke-key', subject: id, at: clock.now() });
        return null;
      }),
    );
    const message = revoked ? `has been revoked since ${revoked.toISOString()}` : 'is revoked; every process rejects it within 5 seconds';
    return { json: { id, revoked: true, was_before: revoked }, text: `${id} ${message}.` };
  },
};

const operator: Command = {
  words: 'operator',
  usage: '<name> [--role viewer|admin]',
  description:
    'Creates an entry for OPERATOR_USERS, with a password that is shown once. Viewers only read; admins also hold and release providers.',
  positionals: 1,
  options: { role: text },
  run: async (args) => {
    const name = args.positional('the name of the operator');
    const role = args.optionalOption('role') ?? 'viewer';
    if (!operatorNamePattern.test(name)) throw new UsageError('a name has up to 40 letters, digits, dots, dashes or underscores');
    if (!operatorRoles.includes(role as OperatorRole)) throw new UsageError(`--role must be one of ${operatorRoles.join(', ')}`);
    const password = newSecret().slice(0, 20);
    const entry = await operatorEntry(name, role as OperatorRole, password);
    return {
      json: { name, role, password, entry },
      text: `Password, shown once:\n\n  ${password}\n\nFor OPERATOR_USERS (several with commas):\n\n  ${entry}`,
    };
  },
};

function requireHost(id: string, env: NodeJS.ProcessEnv): string {
  const { hosts, invalid } = hostFolders(readContext(env));
  const ids = [...hosts, ...invalid].map((host) => host.id);
  if (!ids.includes(id)) throw new CommandError(`unknown host ${id}; known hosts: ${ids.join(', ')}`);
  return id;
}

function storeId(id: string): string {
  if (!storeIdPattern.test(id)) throw new UsageError(`invalid store id ${JSON.stringify(id)}: expected 1 to 64 of A-Z a-z 0-9 _ . -`);
  return id;
}

function scope(name: string): clients.Scope {
  if (!clients.scopes.includes(name as clients.Scope))
    throw new UsageError(`unknown scope ${name}; known scopes: ${clients.scopes.join(', ')}`);
  return name as clients.Scope;
}

const storesOf = ({ stores }: Pick<clients.Client, 'stores'>): string => (stores ? `stores ${stores.join(', ')}` : 'all stores');

export const keyCommands: readonly Command[] = [create, list, revoke, operator];
