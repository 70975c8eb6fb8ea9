import { loadHosts } from '@gateway/shared/host';
import { systemClock as clock, newSecret, type OperatorRole, operatorEntry, operatorRoles } from '@gateway/shared/runtime';
import { type Client, createClient, listClients, recordAction, revokeClient, type Scope, scopes } from '@gateway/shared/store';
import { CannotDo, WrongUsage } from './cannot-do.ts';
import type { Command } from './program.ts';
import { actor, readSurroundings, withControl } from './surroundings.ts';
import { table } from './table.ts';

const text = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;

const create: Command = {
  words: 'create',
  takes: '--name <text> --host <id> --tenant <id> [--store <id> …] [--scope payments,refunds,events]',
  does: 'Makes a key for one tenant of one host; without --store for all its stores, without --scope for everything. Shows its secret once.',
  positionals: 0,
  options: { name: text, host: text, tenant: text, store: several, scope: several },
  run: async (given, env) => {
    const client = {
      name: given.text('name'),
      host: knownHost(given.text('host'), env),
      tenant: given.text('tenant'),
      stores: given.list('store')?.map(storeId) ?? null,
      scopes: given.list('scope')?.map(scope) ?? [...scopes],
    };
    const { id, secret } = await withControl(env, ({ knex }) =>
      knex.transaction(async (trx) => {
        const made = await createClient(trx, client, clock.now());
        await recordAction(trx, { actor: actor(), action: 'create-key', subject: made.id, details: client, at: clock.now() });
        return made;
      }),
    );
    return {
      json: { id, ...client, secret },
      text: `${id}: ${client.host}, tenant ${client.tenant}, ${storesOf(client)}, ${client.scopes.join(', ')}\n\n  ${secret}\n\nShown this once: we keep its hash only.`,
    };
  },
};

const list: Command = {
  words: 'list',
  takes: '',
  does: 'All keys, revoked ones too. Never a secret.',
  positionals: 0,
  options: {},
  run: async (_given, env) => {
    const clients = await withControl(env, ({ knex }) => listClients(knex));
    const columns = {
      ID: ({ id }: Client) => id,
      NAME: ({ name }: Client) => name,
      HOST: ({ host }: Client) => host,
      TENANT: ({ tenant }: Client) => tenant,
      STORES: storesOf,
      SCOPES: ({ scopes: granted }: Client) => granted.join(','),
      CREATED: ({ createdAt }: Client) => createdAt,
      REVOKED: ({ revokedAt }: Client) => revokedAt,
    };
    return { json: clients, text: table(clients, columns, 'There is no key yet: npm run keys -- create makes one.') };
  },
};

const revoke: Command = {
  words: 'revoke',
  takes: '<id>',
  does: 'Ends a key, everywhere within 5 seconds and for ever.',
  positionals: 1,
  options: {},
  run: async (given, env) => {
    const id = given.word('the id of the key (cli_…)');
    const revoked = await withControl(env, ({ knex }) =>
      knex.transaction(async (trx) => {
        const before: { revoked_at: Date | null } | undefined = await trx('gateway.clients').where({ id }).forUpdate().first('revoked_at');
        if (!before) throw new CannotDo(`there is no key ${id}; npm run keys -- list shows them`);
        if (before.revoked_at) return before.revoked_at;
        await revokeClient(trx, id, clock.now());
        await recordAction(trx, { actor: actor(), action: 'revoke-key', subject: id, at: clock.now() });
        return null;
      }),
    );
    const said = revoked ? `has been revoked since ${revoked.toISOString()}` : 'is revoked; within 5 seconds nobody takes it any more';
    return { json: { id, revoked: true, was_before: revoked }, text: `${id} ${said}.` };
  },
};

const operator: Command = {
  words: 'operator',
  takes: '<name> [--role viewer|admin]',
  does: 'Makes an entry for OPERATOR_USERS, with a password that is shown once. Viewers look, admins also hold and release providers.',
  positionals: 1,
  options: { role: text },
  run: async (given) => {
    const name = given.word('the name of the operator');
    const role = given.maybe('role') ?? 'viewer';
    if (!/^[A-Za-z0-9._-]{1,40}$/.test(name)) throw new WrongUsage('a name has up to 40 letters, digits, dots, dashes or underscores');
    if (!operatorRoles.includes(role as OperatorRole)) throw new WrongUsage(`--role must be one of ${operatorRoles.join(', ')}`);
    const password = newSecret().slice(0, 20);
    const entry = await operatorEntry(name, role as OperatorRole, password);
    return {
      json: { name, role, password, entry },
      text: `Password, shown this once:\n\n  ${password}\n\nFor OPERATOR_USERS (several with commas):\n\n  ${entry}`,
    };
  },
};

function knownHost(id: string, env: NodeJS.ProcessEnv): string {
  const { hosts, broken } = loadHosts(readSurroundings(env).hostsDir);
  const known = [...hosts, ...broken].map((host) => host.id);
  if (!known.includes(id)) throw new CannotDo(`there is no host ${id}; there are ${known.join(', ')}`);
  return id;
}

function storeId(id: string): string {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(id)) throw new WrongUsage(`${JSON.stringify(id)} is no id of a store`);
  return id;
}

function scope(name: string): Scope {
  if (!scopes.includes(name as Scope)) throw new WrongUsage(`there is no scope ${name}; there are ${scopes.join(', ')}`);
  return name as Scope;
}

const storesOf = ({ stores }: Pick<Client, 'stores'>): string => (stores ? `stores ${stores.join(', ')}` : 'all stores');

export const keyCommands: readonly Command[] = [create, list, revoke, operator];
