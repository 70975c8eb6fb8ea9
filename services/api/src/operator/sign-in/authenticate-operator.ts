import { type OperatorRole, roleIncludes } from '@gateway/shared/runtime';
import type { Request, RequestHandler, Response } from 'express';
import { Problem } from '../../http/problem.ts';
import type { Cookie } from './cookies.ts';
import { csrfTokenOf, requireCsrfToken } from './csrf.ts';
import type { Operator, Sessions } from './sessions.ts';

interface SignedIn {
  operator: Operator;
  /** The token of the session. */
  token: string;
}

const signedInOf = (res: Response): SignedIn => res.locals as SignedIn;

/** The person who is signed in. */
export const operatorOf = (res: Response): Operator => signedInOf(res).operator;

export const sessionTokenOf = (res: Response): string => signedInOf(res).token;

/** The token for the forms of this session. */
export const csrfOf = (res: Response): string => csrfTokenOf(sessionTokenOf(res));

/** Finds the session of the request. Without one, `onSignedOut` answers. */
export const authenticateOperator =
  (sessions: Sessions, cookie: Cookie, onSignedOut: RequestHandler): RequestHandler =>
  async (req, res, next) => {
    const token = cookie.of(req);
    const operator = token === null ? null : await sessions.find(token, isActivity(req));
    if (token === null || !operator) return onSignedOut(req, res, next);
    Object.assign(res.locals, { operator, token } satisfies SignedIn);
    next();
  };

/** What a page asks for automatically, every few seconds, does not show that a person is there. */
const isActivity = ({ path }: Pick<Request, 'path'>): boolean => !path.startsWith('/queues/api') && !path.startsWith('/live');

/** Refuses a form without the token of this session. The body was parsed before. */
export const withCsrfToken: RequestHandler = (req, res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') requireCsrfToken(req.body, sessionTokenOf(res));
  next();
};

/** @throws Problem `forbidden` when the person's role does not include this one */
export function requireRole(res: Response, needed: OperatorRole): void {
  const { role } = operatorOf(res);
  if (!roleIncludes(role, needed)) throw new Problem('forbidden', `This needs the role ${needed}. Your role is ${role}.`);
}
