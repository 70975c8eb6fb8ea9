import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, type OperatorUser, operatorNamePattern } from '@gateway/shared/runtime';
import type { RequestHandler, Response } from 'express';
import type { Redis } from 'ioredis';
import { Problem } from '../http/problem.ts';
import { Refusal } from '../http/refusal.ts';
import { createLockOut } from './lock-out.ts';
import { createOperatorPasswords, LockedOut } from './operator-passwords.ts';

const basic = /^Basic ([A-Za-z0-9+/]{1,1000}={0,2})$/i;

/** Authenticates an operator by HTTP Basic. Without credentials the browser asks for them. Wrong passwords are counted by name and address. */
export function authenticateOperator(users: readonly [OperatorUser, ...OperatorUser[]], redis: Redis, clock: Clock): RequestHandler {
  const passwords = createOperatorPasswords(users, { lockOut: createLockOut(redis, clock), clock });
  return async (req, res, next) => {
    const credentials = Buffer.from(basic.exec(req.headers.authorization ?? '')?.[1] ?? '', 'base64').toString();
    const operator = credentials ? await verify(credentials, req.ip ?? '') : null;
    if (!operator) {
      res.setHeader('WWW-Authenticate', 'Basic realm="operator", charset="UTF-8"');
      const problem = new Problem('unauthenticated', 'Send the name and password of a user in OPERATOR_USERS.');
      throw credentials ? new Refusal('login_refused', problem, namedIn(credentials)) : problem;
    }
    res.locals.operator = operator;
    next();
  };

  async function verify(credentials: string, address: string): Promise<OperatorUser | null> {
    try {
      return await passwords.check(credentials, address);
    } catch (error) {
      if (!(error instanceof LockedOut)) throw error;
      const problem = new Problem('rate_limited', 'Too many wrong passwords for this name from this address. Wait, then try again.', {
        retryAfter: error.retryAfterSeconds,
      });
      throw new Refusal('locked_out', problem, namedIn(credentials));
    }
  }
}

/** The name that was tried. What does not look like a name may be a password in the wrong field, and is not shown. */
function namedIn(credentials: string): string {
  const [name = ''] = credentials.split(':', 1);
  return operatorNamePattern.test(name) ? name : 'no valid name';
}

export const operatorOf = (res: Response): OperatorUser => res.locals.operator as OperatorUser;

/** Admits admins only, for requests that change something. */
export const adminsOnly: RequestHandler = (_req, res, next) => {
  if (operatorOf(res).role !== 'admin')
    throw new Problem('forbidden', 'This user has read-only access. Placing and lifting holds requires the role admin.');
  next();
};

/**
 * Refuses requests that change something and come from a page of another origin. A browser adds the operator's password to the requests
 * of any page, but a page cannot forge the headers `Sec-Fetch-Site` and `Origin`.
 */
export function sameOriginOnly(publicUrl: string): RequestHandler {
  const ownOrigin = new URL(publicUrl).origin;
  return (req, _res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD' || isFromOurPage(req.headers)) next();
    else throw new Problem('forbidden', 'This request must come from the operator page: send Origin or Sec-Fetch-Site.');
  };

  function isFromOurPage({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
    if (site !== undefined) return site === 'same-origin';
    // Plain HTTP on another machine, or an old browser. The api may have another name than PUBLIC_URL, so the Host header counts too.
    return origin !== undefined && (origin === ownOrigin || (URL.canParse(origin) && new URL(origin).host === host));
  }
}
