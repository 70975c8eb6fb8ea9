import { auditChain, auditLog } from '@gateway/shared/store';
import { z } from 'zod';
import { option, optional } from '../field.ts';
import { timeOf } from '../since.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';

const maxRows = 200; // per database

type Action = auditLog.AuditRow & { database: string };

const list = defineVerb({
  words: 'actions list',
  group: 'actions',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Audit log', id: 'Catatan tindakan' },
  description: {
    en: 'Who changed what, when and why, newest first: the audit log of every database.',
    id: 'Siapa mengubah apa, kapan, dan mengapa, yang terbaru lebih dulu.',
  },
  fields: {
    since: optional(option(z.string(), { label: { en: 'Since', id: 'Sejak' }, placeholder: 'time, or 30m, 2h, 30d', kind: 'time' })),
    actor: optional(option(z.string(), { label: { en: 'Who', id: 'Siapa' }, placeholder: 'name' })),
    subject: optional(option(z.string(), { label: { en: 'About', id: 'Tentang' }, placeholder: 'id' })),
  },
  run: async (context, { since, actor, subject }, { at }) => {
    const filter = { since: since === null ? null : timeOf(since, at), actor, subject, limit: maxRows };
    const { rows, errors, notes } = await context.inEveryDatabaseAndControl(async (db, database) =>
      (await auditLog.list(db.pool, filter)).map((row): Action => ({ ...row, database })),
    );
    const newestFirst = rows.toSorted((a, b) => b.at.getTime() - a.at.getTime());
    const columns = {
      DATABASE: ({ database }: Action) => database,
      ID: ({ id }: Action) => id,
      AT: (action: Action) => action.at,
      WHO: (action: Action) => action.actor,
      ACTION: ({ action }: Action) => action,
      ABOUT: (action: Action) => action.subject,
      REASON: ({ details }: Action) => details.reason,
    };
    return { json: newestFirst, content: [table(newestFirst, columns, 'No actions.')], errors, notes };
  },
});

const kinds: Readonly<Record<auditChain.Tampering['kind'], string>> = {
  changed: 'was changed',
  removed: 'was removed',
  inserted: 'was inserted',
  older_than_chain: 'or a row before it, all older than the chain, was changed, removed or inserted',
};

interface Chain extends auditChain.Verified {
  database: string;
}

const verify = defineVerb({
  words: 'actions verify',
  group: 'actions',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Verify the audit log', id: 'Periksa keaslian catatan tindakan' },
  description: {
    en: `Computes the hash of every row of the audit log anew, and names the first row that was changed, removed or inserted. Prints the end of each
      chain: kept elsewhere, and given as --known later, it also shows that the chain was not written anew.`,
    id: 'Menghitung ulang hash setiap baris catatan tindakan, dan menyebut baris pertama yang diubah, dihapus, atau disisipkan.',
  },
  fields: {
    known: optional(
      option(
        z
          .string()
          .regex(/^\d{1,15}:[0-9a-f]{64}$/, '--known must be <id>:<hash>, as actions verify printed it')
          .transform((text) => {
            const [id, hash = ''] = text.split(':');
            return { id: Number(id), hash };
          }),
        { label: { en: 'An earlier end of a chain', id: 'Akhir rantai yang dicatat sebelumnya' }, placeholder: 'id>:<hash' },
      ),
    ),
  },
  run: async (context, { known }) => {
    const { rows: chains, ...remarks } = await context.inEveryDatabaseAndControl(
      async (db, database): Promise<Chain[]> => [{ database, ...(await auditChain.verify(db.pool, known)) }],
    );
    const isKnownMissing = known !== null && !chains.some(({ hasKnown }) => hasKnown);
    const columns = {
      DATABASE: ({ database }: Chain) => database,
      ROWS: ({ rows }: Chain) => rows,
      'END OF THE CHAIN': ({ head }: Chain) => head && `${head.id}:${head.hash}`,
      RESULT: ({ tampering }: Chain) => (tampering ? `row ${tampering.id} ${kinds[tampering.kind]}` : 'as written'),
    };
    const findings = isKnownMissing ? ['no chain has this row: a chain was written anew, or its database was not asked'] : [];
    const tampered = chains.flatMap(({ database, tampering }) =>
      tampering ? [`${database}: row ${tampering.id} of the audit log ${kinds[tampering.kind]}`] : [],
    );
    return {
      json: chains,
      content: [table(chains, columns, '')],
      notes: remarks.notes,
      errors: [...remarks.errors, ...tampered, ...findings],
    };
  },
});

export const actionVerbs: readonly Verb[] = [list, verify];
