import { createHash } from 'node:crypto';
import type { Queryable } from '../../postgres/index.ts';

const rowsPerPage = 1_000;

/** The first row that was tampered with. */
export interface Tampering {
  /** The id of the row; of the first one, where several are missing. */
  id: number;
  kind: 'changed' | 'removed' | 'inserted' | 'older_than_chain';
}

export interface Verified {
  /** How many rows were read. */
  rows: number;
  /** The end of the chain: kept elsewhere, it proves later that the rows up to it are still the same. Null: no row is chained yet. */
  head: { id: number; hash: string } | null;
  /** Null: every row is as it was written. */
  tampering: Tampering | null;
  /** Whether the known end of a chain is a row of this one. */
  hasKnown: boolean;
}

interface ChainedRow {
  id: number;
  text: string;
  previousHash: Buffer | null;
  hash: Buffer | null;
}

interface Head {
  baseId: number;
  lastId: number;
  hash: Buffer;
  highestId: number | null;
}

/**
 * Reads the whole audit log of a database and computes each hash anew. Changes nothing and locks nothing: a row that is appended meanwhile
 * is left out. @param known an earlier end of a chain, to look for among the rows
 */
export async function verify(db: Queryable, known: { id: number; hash: string } | null = null): Promise<Verified> {
  const head = await readHead(db);
  if (!head) return { rows: 0, head: null, tampering: null, hasKnown: false };
  const walk = { previous: await digestBefore(db, head.baseId), lastId: head.baseId, rows: 0, hasKnown: false };
  const ending = { head: { id: head.lastId, hash: head.hash.toString('hex') } };
  for (;;) {
    const page = await readPage(db, walk.lastId, head.lastId);
    if (page.length === 0) break;
    for (const row of page) {
      const tampering = tamperingOf(row, walk, head.baseId);
      if (tampering) return { rows: walk.rows, hasKnown: walk.hasKnown, ...ending, tampering };
      walk.previous = row.hash as Buffer;
      walk.lastId = row.id;
      walk.rows += 1;
      walk.hasKnown ||= known?.id === row.id && known.hash === walk.previous.toString('hex');
    }
  }
  return { rows: walk.rows, hasKnown: walk.hasKnown, ...ending, tampering: tamperingOfEnd(walk, head) };
}

interface Walk {
  /** The hash that the next row must continue. */
  previous: Buffer;
  lastId: number;
}

function tamperingOf(row: ChainedRow, { previous, lastId }: Walk, baseId: number): Tampering | null {
  const { id, text, previousHash, hash } = row;
  if (previousHash === null || hash === null) return { id, kind: 'inserted' };
  const isSelfConsistent = hashOf(previousHash, text).equals(hash);
  if (previousHash.equals(previous)) return isSelfConsistent ? null : { id, kind: 'changed' };
  if (id > lastId + 1) return { id: lastId + 1, kind: 'removed' };
  if (!isSelfConsistent) return { id, kind: 'changed' };
  // The row continues another row than the one that stands before it now.
  return lastId === baseId ? { id: baseId, kind: 'older_than_chain' } : { id: lastId, kind: 'changed' };
}

/** The last rows are compared with the head, because nothing continues them. */
function tamperingOfEnd({ previous, lastId }: Walk, head: Head): Tampering | null {
  if (lastId < head.lastId) return { id: lastId + 1, kind: 'removed' };
  if (!previous.equals(head.hash)) return { id: lastId, kind: lastId === head.baseId ? 'older_than_chain' : 'changed' };
  return (head.highestId ?? 0) > head.lastId ? { id: head.highestId as number, kind: 'inserted' } : null;
}

const hashOf = (previous: Buffer, text: string): Buffer => createHash('sha256').update(previous).update(text).digest();

/** Null: no row is chained yet. @throws when the row of the head is missing */
async function readHead(db: Queryable): Promise<Head | null> {
  const { rows } = await db.query<{ [Column in keyof Head]: Head[Column] | null }>({
    text: `select base_id as "baseId", last_id as "lastId", hash, (select max(id) from gateway.audit) as "highestId" from gateway.audit_head`,
  });
  const [head] = rows;
  if (!head) throw new Error('gateway.audit_head has no row: it was removed');
  return head.hash === null ? null : (head as Head);
}

async function readPage(db: Queryable, after: number, upto: number): Promise<ChainedRow[]> {
  const { rows } = await db.query<ChainedRow>({
    text: `select a.id, gateway.audit_text(a) as text, a.previous_hash as "previousHash", a.hash
      from gateway.audit a where a.id > $1 and a.id <= $2 order by a.id limit ${rowsPerPage}`,
    values: [after, upto],
  });
  return rows;
}

/** The SHA-256 that the first chained row continues: of the rows that are older than the chain. */
async function digestBefore(db: Queryable, baseId: number): Promise<Buffer> {
  const digest = createHash('sha256');
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const page = await readPage(db, after, baseId);
    const last = page.at(-1);
    if (!last) return digest.digest();
    for (const { text } of page) digest.update(`${text}\n`);
    after = last.id;
  }
}
