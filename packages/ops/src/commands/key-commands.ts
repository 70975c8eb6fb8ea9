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
import type { CommandArgs } from '../command-args.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { actor, hostFolders, readContext, withControl } from '../context.ts';
import { timeToCome } from '../since.ts';
import { table } from '../table.ts';

const text = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;

const create: Command = {
  words: 'create',
  usage: '--name <text> --host <id> --tenant <id> [--store <id> …] [--scope payments,refunds,events,webhooks] [--expires 90d]',
  description:
    'Creates a key for one tenant of one host; without --store for all its stores, without --scope for all scopes, without --expires for ever. Shows its secret once.',
  positionals: 0,
  options: { name: text, host: text, tenant: text, store: several, scope: several, expires: text },
  run: async (args, env) => {
    const client = {
      name: args.option('name'),
      host: requireHost(args.option('host'), env),
      tenant: args.option('tenant'),
      stores: args.list('store')?.map(storeId) ?? null,
      scopes: args.list('scope')?.map(scope) ?? [...clients.scopes],
      expiresAt: expiryOf(args),
    };
    const { id, secret } = await withControl(env, ({ knex }) =>
      knex.transaction(async (trx) => {
        const created = await clients.create(trx, client, clock.now());
        await auditLog.record(trx, { actor: actor(env), action: 'create-key', subject: created.id, details: client, at: clock.now() });
        return created;
      }),
    );
    return {
      json: { id, ...jsonOf(client), secret },
      text: `${id}: ${client.host}, tenant ${client.tenant}, ${storesOf(client)}, ${client.scopes.join(', ')}${untilText(client)}\n\n  ${secret}\n\nShown once; only its hash is stored.`,
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
      EXPIRES: ({ expiresAt }: clients.Client) => expiresAt,
      'LAST USED': ({ lastUsedOn }: clients.Client) => lastUsedOn,
      REVOKED: ({ revokedAt }: clients.Client) => revokedAt,
    };
    return { json: allClients.map(jsonOf), text: table(allClients, columns, 'No keys. npm run keys -- create makes one.') };
  },
};

const show: Command = {
  words: 'show',
  usage: '<id>',
  description: 'One key, without its secret: what it may do, until when, and the day of its last use.',
  positionals: 1,
  options: {},
  run: async (args, env) => {
    const id = args.positional('the id of the key (cli_…)');
    const client = await withControl(env, ({ knex }) => clients.find(knex, id));
    if (!client) throw unknownKey(id);
    const rows = Object.entries({
      name: client.name,
      host: `${client.host}, tenant ${client.tenant}`,
      stores: storesOf(client),
      scopes: client.scopes.join(', ') || 'none',
      created: client.createdAt.toISOString(),
      expires: client.expiresAt?.toISOString() ?? 'never',
      'last used': client.lastUsedOn ?? 'never',
      'old secret': client.previousUntil ? `accepted until ${client.previousUntil.toISOString()}` : 'none',
      revoked: client.revokedAt?.toISOString() ?? 'no',
    });
    return { json: jsonOf(client), text: [client.id, ...rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`)].join('\n') };
  },
};

const rotate: Command = {
  words: 'rotate',
  usage: '<id> [--overlap 24h]',
  description: `Gives a key a new secret, shown once. The old secret is accepted for the overlap, 24 hours unless stated: put the new one into the
      till meanwhile. It stays the same key, so that idempotency keys of requests with either secret are found.`,
  positionals: 1,
  options: { overlap: text },
  run: async (args, env) => {
    const id = args.positional('the id of the key (cli_…)');
    const by = actor(env);
    const at = clock.now();
    const until = timeToCome('overlap', args.optionalOption('overlap') ?? '24h', at);
    const secret = await withControl(env, ({ knex }) =>
      knex.transaction(async (trx) => {
        if (!(await clients.find(trx, id))) throw unknownKey(id);
        const rotated = await clients.rotate(trx, id, until);
        if (!rotated) throw new CommandError(`${id} is revoked; npm run keys -- create makes a new key`);
        await auditLog.record(trx, { actor: by, action: 'rotate-key', subject: id, details: { previous_until: until }, at });
        return rotated;
      }),
    );
    return {
      json: { id, secret, previous_until: until },
      text: `${id} has a new secret; the old one is accepted until ${until.toISOString()}.\n\n  ${secret}\n\nShown once; only its hash is stored. It counts within 2 seconds.`,
    };
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
        if (!before) throw unknownKey(id);
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
  usage: '<name> [--role viewer|operator|approver|admin]',
  description: `Creates an entry for OPERATOR_USERS, with a password that is shown once. A viewer reads, an operator also acts, an approver also approves
      large refunds of others, an admin also changes accounts, keys and stores.`,
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

function expiryOf(args: CommandArgs): Date | null {
  const expires = args.optionalOption('expires');
  return expires === null ? null : timeToCome('expires', expires, clock.now());
}

const untilText = ({ expiresAt }: { expiresAt: Date | null }): string => (expiresAt ? `, until ${expiresAt.toISOString()}` : '');

const unknownKey = (id: string): CommandError => new CommandError(`unknown key ${id}; npm run keys -- list shows them`);

/** The older fields keep their names, which programs read. */
const jsonOf = <Key extends { expiresAt: Date | null; lastUsedOn?: string | null; previousUntil?: Date | null }>({
  expiresAt,
  lastUsedOn = null,
  previousUntil = null,
  ...others
}: Key) => ({ ...others, expires_at: expiresAt, last_used_on: lastUsedOn, previous_until: previousUntil });

export const keyCommands: readonly Command[] = [create, list, show, rotate, revoke, operator];
