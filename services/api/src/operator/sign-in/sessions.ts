import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '@gateway/shared/postgres';
import { type Clock, fingerprintOf, type OperatorRole } from '@gateway/shared/runtime';
import { operatorSessions } from '@gateway/shared/store';
import { fromControl } from '../../http/problem.ts';
import { fingerprints, type OperatorDirectory } from './operator-directory.ts';

/** A signed-in person. */
export interface Operator {
  name: string;
  role: OperatorRole;
  kind: 'password' | 'oidc';
}

/** The sessions of all processes: they are rows of the control database, so that they survive a restart and end everywhere at once. */
export interface Sessions {
  /** @returns the token of the new session. Only its hash is stored */
  begin(owner: operatorSessions.SessionOwner): Promise<string>;
  /**
   * Null: no such session, or it is over, or its user was removed or has another password now.
   * @param isActivity whether the request shows that the person is there; a page that asks again automatically does not
   */
  find(token: string, isActivity: boolean): Promise<Operator | null>;
  end(token: string): Promise<void>;
  /** Deletes what is over, and the sessions of users who were removed. */
  prune(): Promise<void>;
}

const tokenPattern = /^[\w-]{43}$/;
const touchAfterMs = 15_000; // requests in a row write once

interface SessionsDeps {
  directory: OperatorDirectory;
  /** Whether persons may sign in by OpenID Connect: without it their sessions are over. */
  hasOidc: boolean;
  clock: Clock;
}

export function createSessions(controlDb: Pick<Database, 'pool'>, { directory, hasOidc, clock }: SessionsDeps): Sessions {
  const { pool } = controlDb;
  return {
    begin: async (owner) => {
      const token = randomBytes(32).toString('base64url');
      await fromControl(operatorSessions.begin(pool, hashOf(token), owner, clock.now()));
      return token;
    },
    find: async (token, isActivity) => {
      if (!tokenPattern.test(token)) return null;
      const now = clock.now();
      const session = await fromControl(operatorSessions.find(pool, hashOf(token), now));
      if (!session || (session.kind === 'oidc' && !hasOidc)) return null;
      const operator = operatorOf(session, directory);
      if (!operator) return null;
      if (isActivity && now.getTime() - session.seenAt.getTime() >= touchAfterMs)
        await fromControl(operatorSessions.touch(pool, hashOf(token), now));
      return operator;
    },
    end: async (token) => void (await fromControl(operatorSessions.end(pool, hashOf(token)))),
    prune: async () => void (await operatorSessions.endOver(pool, fingerprints(directory), clock.now())),
  };
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A user of OPERATOR_USERS has the role that the entry has now. */
function operatorOf(session: operatorSessions.OperatorSession, directory: OperatorDirectory): Operator | null {
  const { name, kind } = session;
  if (kind === 'oidc') return { name, kind, role: session.role };
  const user = directory.find(name);
  return user && fingerprintOf(user) === session.fingerprint ? { name, kind, role: user.role } : null;
}
