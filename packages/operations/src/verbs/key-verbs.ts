import { newSecret, operatorEntry, operatorNamePattern, operatorRoles } from '@gateway/shared/runtime';
import { auditLog, clients } from '@gateway/shared/store';
import { z } from 'zod';
import { CommandError } from '../command-error.ts';
import { argument, choice, list as listOf, option, optional } from '../field.ts';
import { storeId } from '../ids.ts';
import { timeToCome } from '../since.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { joined, line, same, type Words } from '../words.ts';

const key = argument('the id of the key (cli_…)', z.string(), { label: { en: 'Key', id: 'Kunci' } });
const scope = z.enum(clients.scopes, { error: ({ input }) => `unknown scope ${input}; known scopes: ${clients.scopes.join(', ')}` });
const shownOnce: Words = { en: 'Shown once; only its hash is stored.', id: 'Ditampilkan sekali; hanya hash-nya yang disimpan.' };

const create = defineVerb({
  words: 'keys create',
  group: 'keys',
  role: 'admin',
  changes: 'clients',
  reason: 'optional',
  title: { en: 'Create a key', id: 'Buat kunci' },
  description: {
    en: 'Creates a key for one tenant of one host; without --store for all its stores, without --scope for all scopes, without --expires for ever. Shows its secret once.',
    id: 'Membuat kunci untuk satu tenant dari satu host; tanpa gerai berarti semua gerainya, tanpa cakupan berarti semua cakupan. Rahasianya ditampilkan sekali.',
  },
  fields: {
    name: option(z.string(), { label: { en: 'Name', id: 'Nama' } }),
    host: option(z.string(), { label: { en: 'Host', id: 'Host' }, placeholder: 'id' }),
    tenant: option(z.string(), { label: { en: 'Tenant', id: 'Tenant' }, placeholder: 'id' }),
    store: listOf(storeId, { label: { en: 'Stores', id: 'Gerai' } }),
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
        {
          en: `${id}: ${client.host}, tenant ${client.tenant}, ${storesOf(client).en}, ${client.scopes.join(', ')}${untilText(client).en}`,
          id: `${id}: ${client.host}, tenant ${client.tenant}, ${storesOf(client).id}, ${client.scopes.join(', ')}${untilText(client).id}`,
        },
        same(`  ${secret}`),
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
    return {
      json: allClients.map(jsonOf),
      content: [table(allClients, columns, { en: 'No keys. npm run keys -- create makes one.', id: 'Belum ada kunci.' })],
    };
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
    const { host, tenant, scopes, createdAt, expiresAt, lastUsedOn, previousUntil, revokedAt } = client;
    const never: Words = { en: 'never', id: 'tidak pernah' };
    const rows = [
      line('name', 'nama', same(client.name)),
      line('host', 'host', same(`${host}, tenant ${tenant}`)),
      line('stores', 'gerai', storesOf(client)),
      line('scopes', 'cakupan', scopes.length > 0 ? same(scopes.join(', ')) : { en: 'none', id: 'tidak ada' }),
      line('created', 'dibuat', same(createdAt.toISOString())),
      line('expires', 'berlaku s.d.', expiresAt ? same(expiresAt.toISOString()) : never),
      line('last used', 'dipakai', lastUsedOn ? same(lastUsedOn) : never),
      line(
        'old secret',
        'rahasia lama',
        previousUntil
          ? { en: `accepted until ${previousUntil.toISOString()}`, id: `diterima sampai ${previousUntil.toISOString()}` }
          : { en: 'none', id: 'tidak ada' },
      ),
      line('revoked', 'dicabut', revokedAt ? same(revokedAt.toISOString()) : { en: 'no', id: 'tidak' }),
    ];
    const indented = rows.map((row) => ({ en: `  ${row.en}`, id: `  ${row.id}` }));
    return { json: jsonOf(client), content: [joined([same(client.id), ...indented], '\n')] };
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
        if (!rotated)
          throw new CommandError({
            en: `${id} is revoked; npm run keys -- create makes a new key`,
            id: `${id} sudah dicabut; buat kunci baru`,
          });
        await auditLog.record(trx, { action: 'rotate-key', subject: id, details: { previous_until: until } }, by);
        return rotated;
      }),
    );
    return {
      json: { id, secret, previous_until: until },
      content: [
        {
          en: `${id} has a new secret; the old one is accepted until ${until.toISOString()}.`,
          id: `${id} punya rahasia baru; yang lama diterima sampai ${until.toISOString()}.`,
        },
        same(`  ${secret}`),
        joined([shownOnce, { en: 'It counts within 2 seconds.', id: 'Berlaku dalam 2 detik.' }]),
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
    const message = revoked
      ? { en: `has been revoked since ${revoked.toISOString()}`, id: `sudah dicabut sejak ${revoked.toISOString()}` }
      : { en: 'is revoked; every process rejects it within 5 seconds', id: 'dicabut; setiap proses menolaknya dalam 5 detik' };
    return { json: { id, revoked: true, was_before: revoked }, content: [{ en: `${id} ${message.en}.`, id: `${id} ${message.id}.` }] };
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
      content: [
        { en: 'Password, shown once:', id: 'Kata sandi, ditampilkan sekali:' },
        same(`  ${password}`),
        { en: 'For OPERATOR_USERS (several with commas):', id: 'Untuk OPERATOR_USERS (beberapa dipisah koma):' },
        same(`  ${entry}`),
      ],
    };
  },
});

function requireHost(id: string, known: readonly string[]): string {
  if (!known.includes(id))
    throw new CommandError({
      en: `unknown host ${id}; known hosts: ${known.join(', ')}`,
      id: `host ${id} tidak dikenal; yang dikenal: ${known.join(', ')}`,
    });
  return id;
}

const storesOf = ({ stores }: Pick<clients.Client, 'stores'>): Words =>
  stores ? { en: `stores ${stores.join(', ')}`, id: `gerai ${stores.join(', ')}` } : { en: 'all stores', id: 'semua gerai' };

const untilText = ({ expiresAt }: { expiresAt: Date | null }): Words =>
  expiresAt ? { en: `, until ${expiresAt.toISOString()}`, id: `, sampai ${expiresAt.toISOString()}` } : same('');

const unknownKey = (id: string): CommandError =>
  new CommandError({ en: `unknown key ${id}; npm run keys -- list shows them`, id: `kunci ${id} tidak dikenal` });

/** The older fields keep their names, which programs read. */
const jsonOf = <Key extends { expiresAt: Date | null; lastUsedOn?: string | null; previousUntil?: Date | null }>({
  expiresAt,
  lastUsedOn = null,
  previousUntil = null,
  ...others
}: Key) => ({ ...others, expires_at: expiresAt, last_used_on: lastUsedOn, previous_until: previousUntil });

export const keyVerbs: readonly Verb[] = [create, list, show, rotate, revoke, operator];
