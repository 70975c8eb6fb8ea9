import type { Queryable, Statement } from '../../postgres/index.ts';
import type { OperatorRole } from '../../runtime/index.ts';
import { plusMs } from '../../runtime/index.ts';

/** Without a request for so long, a session is over. */
export const idleMs = 30 * 60_000;
/** After so long a person signs in again. */
export const longestMs = 12 * 3_600_000;

const maxOfName = 20; // browsers of one person
const maxInAll = 10_000; // limits the table, also with many people of an OpenID Connect provider

/** Who signed in, and how. */
export type SessionOwner =
  | { kind: 'password'; name: string /** Of the password. */; fingerprint: string }
  | { kind: 'oidc'; name: string; role: OperatorRole };

export type OperatorSession = SessionOwner & { seenAt: Date; endsAt: Date };

const beginOne: Statement = {
  name: 'operator-session-begin',
  text: `with over as (
      delete from gateway.operator_sessions where ends_at <= $6 or seen_at <= $7),
    surplus as (
      delete from gateway.operator_sessions where token_sha256 in (
        (select token_sha256 from gateway.operator_sessions where name = $2 order by signed_in_at desc offset ${maxOfName - 1})
        union (select token_sha256 from gateway.operator_sessions order by signed_in_at desc offset ${maxInAll - 1})))
    insert into gateway.operator_sessions (token_sha256, name, kind, role, fingerprint, signed_in_at, seen_at, ends_at)
    values ($1, $2, $3, $4, $5, $6, $6, $8)`,
};

/** Begins a session. Sessions that are over are deleted, and the oldest ones where a person or the installation has too many. */
export function begin(db: Queryable, tokenHash: Buffer, owner: SessionOwner, at: Date): Promise<unknown> {
  const role = owner.kind === 'oidc' ? owner.role : null;
  const fingerprint = owner.kind === 'password' ? owner.fingerprint : null;
  return db.query({
    ...beginOne,
    values: [tokenHash, owner.name, owner.kind, role, fingerprint, at, plusMs(at, -idleMs), plusMs(at, longestMs)],
  });
}

const findLive: Statement = {
  name: 'operator-session-find',
  text: `select name, kind, role, fingerprint, seen_at as "seenAt", ends_at as "endsAt" from gateway.operator_sessions
    where token_sha256 = $1 and ends_at > $2 and seen_at > $3`,
};

/** Null: no such session, or it is over. */
export async function find(db: Queryable, tokenHash: Buffer, now: Date): Promise<OperatorSession | null> {
  const { rows } = await db.query<OperatorSession>({ ...findLive, values: [tokenHash, now, plusMs(now, -idleMs)] });
  return rows[0] ?? null;
}

const touchOne: Statement = {
  name: 'operator-session-touch',
  text: 'update gateway.operator_sessions set seen_at = greatest(seen_at, $2) where token_sha256 = $1',
};

/** The person did something: the idle time starts again. */
export const touch = (db: Queryable, tokenHash: Buffer, at: Date): Promise<unknown> => db.query({ ...touchOne, values: [tokenHash, at] });

const endOne: Statement = { name: 'operator-session-end', text: 'delete from gateway.operator_sessions where token_sha256 = $1' };

/** Ends a session in every process. May run twice. */
export const end = (db: Queryable, tokenHash: Buffer): Promise<unknown> => db.query({ ...endOne, values: [tokenHash] });

const endAllOver: Statement = {
  name: 'operator-sessions-end-over',
  text: `delete from gateway.operator_sessions where ends_at <= $1 or seen_at <= $2
      or (kind = 'password' and not exists (select from unnest($3::text[], $4::text[]) as u (name, fingerprint)
        where u.name = operator_sessions.name and u.fingerprint = operator_sessions.fingerprint))`,
};

/** Deletes what is over, and the sessions of persons who are not among `users`, or whose password is another one now. May run twice. */
export const endOver = (db: Queryable, users: readonly { name: string; fingerprint: string }[], now: Date): Promise<unknown> =>
  db.query({
    ...endAllOver,
    values: [now, plusMs(now, -idleMs), users.map(({ name }) => name), users.map(({ fingerprint }) => fingerprint)],
  });
