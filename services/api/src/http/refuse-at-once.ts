import type { ErrorRequestHandler, RequestHandler } from 'express';

/**
 * Runs checks that need only the head of a request, and answers the first one that throws at once. Express would read the body of a
 * request that is refused afterwards, and would take each error past all further routes to the handler of errors: under a flood of
 * refusals that is most of what they cost.
 * @param checks handlers that are done when they return
 */
export function refuseAtOnce(checks: readonly RequestHandler[], answer: ErrorRequestHandler): RequestHandler {
  return (req, res, next) => {
    try {
      for (const check of checks) check(req, res, throwError);
    } catch (error) {
      answer(error, req, res, next);
      return;
    }
    next();
  };
}

function throwError(error?: unknown): void {
  if (error) throw error;
}
