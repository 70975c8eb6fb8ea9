import { cleanJson } from '@gateway/shared/runtime';
import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

// 00 to 1F and 7F, as a path or a query writes them. Node refuses them in the head of a request unless they are escaped.
const escapedControl = /%(?:[01][0-9a-f]|7f)/i;

/**
 * Refuses a path or a query with a control character: no id, filter or cursor has one, and PostgreSQL refuses a zero byte in any text.
 * @throws Problem `validation_failed`
 */
export const refuseControlCharacters: RequestHandler = (req, _res, next) => {
  if (escapedControl.test(req.url)) throw new Problem('validation_failed', 'The path and the query must have no control characters.');
  next();
};

/** Cleans every text of the parsed body, so that no route has to: control characters become a space, line breaks stay. */
export const cleanBody: RequestHandler = (req, _res, next) => {
  req.body = cleanJson(req.body);
  next();
};
