import { auditChain, auditLog } from '@gateway/shared/store';
import { z } from 'zod';
import { option, optional } from '../field.ts';
import { timeOf } from '../since.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { joined, same, type Words } from '../words.ts';

const maxRows = 200; // per database

type Action = auditLog.AuditRow & { database: string };

const list = defineVerb({
  words: 'actions list',
  group: 'actions',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Audit log', id: 'Log audit' },
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
    return { json: newestFirst, content: [table(newestFirst, columns, { en: 'No actions.', id: 'Belum ada tindakan.' })], errors, notes };
  },
});

const kinds: Readonly<Record<auditChain.Tampering['kind'], Words>> = {
  changed: { en: 'was changed', id: 'diubah' },
  removed: { en: 'was removed', id: 'dihapus' },
  inserted: { en: 'was inserted', id: 'disisipkan' },
  older_than_chain: {
    en: 'or a row before it, all older than the chain, was changed, removed or inserted',
    id: 'atau baris sebelumnya, yang lebih tua dari rantai, diubah, dihapus, atau disisipkan',
  },
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
  title: { en: 'Verify the audit log', id: 'Periksa keaslian log audit' },
  description: {
    en: `Computes the hash of every row of the audit log anew, and names the first row that was changed, removed or inserted. Prints the end of each
      chain: kept elsewhere, and given as --known later, it also shows that the chain was not written anew.`,
    id: 'Menghitung ulang hash setiap baris log audit, dan menyebut baris pertama yang diubah, dihapus, atau disisipkan.',
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
      RESULT: ({ tampering }: Chain) => (tampering ? tamperedRow(tampering) : { en: 'as written', id: 'seperti ditulis' }),
    };
    const findings = isKnownMissing
      ? [
          {
            en: 'no chain has this row: a chain was written anew, or its database was not asked',
            id: 'tidak ada rantai dengan baris ini: rantai ditulis ulang, atau basis datanya tidak ditanyai',
          },
        ]
      : [];
    const tampered = chains.flatMap(({ database, tampering }) => (tampering ? [joined([same(`${database}:`), rowOfLog(tampering)])] : []));
    return {
      json: chains,
      content: [table(chains, columns, same(''))],
      notes: remarks.notes,
      errors: [...remarks.errors, ...tampered, ...findings],
    };
  },
});

const tamperedRow = ({ id, kind }: auditChain.Tampering): Words => ({
  en: `row ${id} ${kinds[kind].en}`,
  id: `baris ${id} ${kinds[kind].id}`,
});

const rowOfLog = ({ id, kind }: auditChain.Tampering): Words => ({
  en: `row ${id} of the audit log ${kinds[kind].en}`,
  id: `baris ${id} dari log audit ${kinds[kind].id}`,
});

export const actionVerbs: readonly Verb[] = [list, verify];
