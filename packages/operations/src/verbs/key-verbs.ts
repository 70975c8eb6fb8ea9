import { newSecret, operatorEntry, operatorNamePattern, operatorRoles } from '@gateway/shared/runtime';
import { auditLog, clients } from '@gateway/shared/store';
import { z } from 'zod';
import { CommandError } from '../command-error.ts';
import { argument, choice, list as listOf, option, optional } from '../field.ts';
import { storeId } from '../ids.ts';
import { timeToCome } from '../since.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';

const key = argument('the id of the key (cli_…)', z.string(), { label: { en: 'Key', id: 'Kunci' } });
const scope = z.enum(clients.scopes, { error: ({ input }) => `unknown scope ${input}; known scopes: ${clients.scopes.join(', ')}` });
const shownOnce = 'Shown once; only its hash is stored.';

const create = defineVerb({
  words: 'keys create',
  group: 'keys',
  role: 'admin',
  changes: 'clients',
  reason: 'optional',
  title: { en: 'Create a key', id: 'Buat kunci' },
  description: {
    en: 'Creates a key for one tenant of one host; without --store for all its stores, without --scope for all scopes, without --expires for ever. Shows its secret once.',
    id: 'Membuat kunci untuk satu tenant dari satu host; tanpa toko berarti semua tokonya, tanpa cakupan berarti semua cakupan. Rahasianya ditampilkan sekali.',
  },
  fields: {
    name: option(z.string(), { label: { en: 'Name', id: 'Nama' } }),
    host: option(z.string(), { label: { en: 'Host', id: 'Host' }, placeholder: 'id' }),
    tenant: option(z.string(), { label: { en: 'Tenant', id: 'Tenant' }, placeholder: 'id' }),
    store: listOf(storeId, { label: { en: 'Stores', id: 'Toko' } }),
    scope: listOf(scope, { label: { en: 'Scopes', id: 'Cakupan' }, placeholder: clients.scopes.join(',') }),
    expires: optional(option(z.string(), { label: { en: 'Expires', id: 'Berlaku sampai' }, placeholder: '90d' })),
  },
  run: async (context, { name, host, tenant, store, scope: scopes, expires }, by) => {
    const client = {
      name,
      host: requireHost(host, context.hostIds()),
      tenant,
      stores: store,
      scopes: scopes ?? [...clients.scopes],
      expiresAt: expires === null ? null : timeToCome('expires', expires, by.at),
    };
    const { id, secret } = await context.withControl(({ knex }) =>
      knex.transaction(async (trx) => {
        const created = await clients.create(trx, client, by.at);
        await auditLog.record(trx, { action: 'create-key', subject: created.id, details: client }, by);
        return created;
      }),
    );
    return {
      json: { id, ...jsonOf(client), secret },
      content: [
        `${id}: ${client.host}, tenant ${client.tenant}, ${storesOf(client)}, ${client.scopes.join(', ')}${untilText(client)}`,
        `  ${secret}`,
        shownOnce,
      ],
    };
  },
});

const list = defineVerb({
  words: 'keys list',
  group: 'keys',
  role: 'admin',
  changes: null,
  reason: 'none',
  title: { en: 'Keys', id: 'Kunci' },
  description: { en: 'All keys, also revoked ones, without their secrets.', id: 'Semua kunci, juga yang sudah dicabut, tanpa rahasianya.' },
  fields: {},
  run: async (context) => {
    const allClients = await context.withControl(({ knex }) => clients.list(knex));
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
    return { json: allClients.map(jsonOf), content: [table(allClients, columns, 'No keys. npm run keys -- create makes one.')] };
  },
});

const show = defineVerb({
  words: 'keys show',
  group: 'keys',
  role: 'admin',
  changes: null,
  reason: 'none',
  title: { en: 'One key', id: 'Satu kunci' },
  description: {
    en: 'One key, without its secret: what it may do, until when, and the day of its last use.',
    id: 'Satu kunci, tanpa rahasianya: apa yang boleh dilakukannya, sampai kapan, dan hari terakhir dipakai.',
  },
  fields: { id: key },
  run: async (context, { id }) => {
    const client = await context.withControl(({ knex }) => clients.find(knex, id));
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
    return { json: jsonOf(client), content: [[client.id, ...rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`)].join('\n')] };
  },
});

const rotate = defineVerb({
  words: 'keys rotate',
  group: 'keys',
  role: 'admin',
  changes: 'clients',
  reason: 'optional',
  title: { en: 'Rotate a key', id: 'Ganti rahasia kunci' },
  description: {
    en: `Gives a key a new secret, shown once. The old secret is accepted for the overlap, 24 hours unless stated: put the new one into the
      till meanwhile. It stays the same key, so that idempotency keys of requests with either secret are found.`,
    id: 'Memberi kunci rahasia baru, ditampilkan sekali. Rahasia lama masih diterima 24 jam bila tidak diatur lain.',
  },
  fields: { id: key, overlap: optional(option(z.string(), { label: { en: 'Overlap', id: 'Masa peralihan' }, placeholder: '24h' })) },
  run: async (context, { id, overlap }, by) => {
    const until = timeToCome('overlap', overlap ?? '24h', by.at);
    const secret = await context.withControl(({ knex }) =>
      knex.transaction(async (trx) => {
        if (!(await clients.find(trx, id))) throw unknownKey(id);
        const rotated = await clients.rotate(trx, id, until);
        if (!rotated) throw new CommandError(`${id} is revoked; npm run keys -- create makes a new key`);
        await auditLog.record(trx, { action: 'rotate-key', subject: id, details: { previous_until: until } }, by);
        return rotated;
      }),
    );
    return {
      json: { id, secret, previous_until: until },
      content: [
        `${id} has a new secret; the old one is accepted until ${until.toISOString()}.`,
        `  ${secret}`,
        `${shownOnce} It counts within 2 seconds.`,
      ],
    };
  },
});

const revoke = defineVerb({
  words: 'keys revoke',
  group: 'keys',
  role: 'admin',
  changes: 'clients',
  reason: 'optional',
  title: { en: 'Revoke a key', id: 'Cabut kunci' },
  description: {
    en: 'Revokes a key for good, in every process within 5 seconds.',
    id: 'Mencabut kunci untuk selamanya, di semua proses dalam 5 detik.',
  },
  fields: { id: key },
  run: async (context, { id }, by) => {
    const revoked = await context.withControl(({ knex }) =>
      knex.transaction(async (trx) => {
        const before: { revoked_at: Date | null } | undefined = await trx('gateway.clients').where({ id }).forUpdate().first('revoked_at');
        if (!before) throw unknownKey(id);
        if (before.revoked_at) return before.revoked_at;
        await clients.revoke(trx, id, by.at);
        await auditLog.record(trx, { action: 'revoke-key', subject: id }, by);
        return null;
      }),
    );
    const message = revoked ? `has been revoked since ${revoked.toISOString()}` : 'is revoked; every process rejects it within 5 seconds';
    return { json: { id, revoked: true, was_before: revoked }, content: [`${id} ${message}.`] };
  },
});

const operator = defineVerb({
  words: 'keys operator',
  group: 'keys',
  role: 'admin',
  changes: null,
  reason: 'none',
  title: { en: 'Make an operator', id: 'Buat operator' },
  description: {
    en: `Creates an entry for OPERATOR_USERS, with a password that is shown once. A viewer reads, an operator also acts, an approver also approves
      large refunds of others, an admin also changes accounts, keys and stores.`,
    id: 'Membuat entri untuk OPERATOR_USERS, dengan kata sandi yang ditampilkan sekali.',
  },
  fields: {
    name: argument(
      'the name of the operator',
      z.string().regex(operatorNamePattern, 'a name has up to 40 letters, digits, dots, dashes or underscores'),
      { label: { en: 'Name', id: 'Nama' }, placeholder: 'name' },
    ),
    role: optional(choice('role', operatorRoles, { label: { en: 'Role', id: 'Peran' } })),
  },
  run: async (_context, { name, role: entered }) => {
    const role = entered ?? 'viewer';
    const password = newSecret().slice(0, 20);
    const entry = await operatorEntry(name, role, password);
    return {
      json: { name, role, password, entry },
      content: ['Password, shown once:', `  ${password}`, 'For OPERATOR_USERS (several with commas):', `  ${entry}`],
    };
  },
});

function requireHost(id: string, known: readonly string[]): string {
  if (!known.includes(id)) throw new CommandError(`unknown host ${id}; known hosts: ${known.join(', ')}`);
  return id;
}

const storesOf = ({ stores }: Pick<clients.Client, 'stores'>): string => (stores ? `stores ${stores.join(', ')}` : 'all stores');

const untilText = ({ expiresAt }: { expiresAt: Date | null }): string => (expiresAt ? `, until ${expiresAt.toISOString()}` : '');

const unknownKey = (id: string): CommandError => new CommandError(`unknown key ${id}; npm run keys -- list shows them`);

/** The older fields keep their names, which programs read. */
const jsonOf = <Key extends { expiresAt: Date | null; lastUsedOn?: string | null; previousUntil?: Date | null }>({
  expiresAt,
  lastUsedOn = null,
  previousUntil = null,
  ...others
}: Key) => ({ ...others, expires_at: expiresAt, last_used_on: lastUsedOn, previous_until: previousUntil });

export const keyVerbs: readonly Verb[] = [create, list, show, rotate, revoke, operator];
