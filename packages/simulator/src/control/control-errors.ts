import type { ErrorRequestHandler, Request, Response } from 'express';
import { ZodError, z } from 'zod';
import { ActionNotPossible } from '../action-not-possible.ts';
import { UnknownCharge } from '../controls.ts';

/** Refuses requests that a page of another site makes in a developer's browser: the controls have no password. */
export function refuseOtherSites(req: Request, res: Response, next: () => void): void {
  const site = req.get('sec-fetch-site');
  if (site === undefined || site === 'same-origin' || site === 'none') next();
  else problem(res, 403, 'other_site', 'requests from pages of other sites are refused');
}

/** Answers every error of a control as `{ "error", "message" }`. */
export const handleErrors: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  if (error instanceof UnknownCharge) return problem(res, 404, 'charge_not_found', error.message);
  if (error instanceof ActionNotPossible) return problem(res, 409, error.code, error.message);
  if (error instanceof ZodError) return problem(res, 400, 'not_understood', z.prettifyError(error));
  const status = error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  problem(res, status, status < 500 ? 'not_understood' : 'internal', error instanceof Error ? error.message : String(error));
};

export function problem(res: Response, status: number, error: string, message: string): void {
  res.status(status).json({ error, message });
}
