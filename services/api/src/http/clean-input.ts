import { cleanJson } from '@gateway/shared/runtime';
import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

// 00 to 1F and 7F, as a path or a query writes them. Node refuses them in the head of a request unless they are escaped.
const escapedControl = /%(?:[01][0-9a-f]|7f)/i;

const maxIdLength = 200; // of any id; what is longer is refused before anything is looked up by it

/**
 * Refuses a path or a query with a control character, because no id, filter or cursor has one, and PostgreSQL refuses a zero byte in any
 * text; and a path with an id of more than 200 characters.
 * @throws Problem `validation_failed`
 */
export const refuseInvalidUrl: RequestHandler = ({ url }, _res, next) => {
  if (escapedControl.test(url)) throw new Problem('validation_failed', 'The path and the query must have no control characters.');
  if (url.length > maxIdLength && hasLongSegment(url))
    throw new Problem('validation_failed', `An id in the path must have at most ${maxIdLength} characters.`);
  next();
};

const hasLongSegment = (url: string): boolean =>
  (url.split('?', 1)[0] as string).split('/').some((segment) => segment.length > maxIdLength && lengthOf(segment) > maxIdLength);

/** The length that the caller meant: a letter that is not ASCII is written as several escaped bytes. */
function lengthOf(segment: string): number {
  try {
    return decodeURIComponent(segment).length;
  } catch {
    return segment.length; // malformed: Express refuses it
  }
}

/** Cleans every text of the parsed body, so that no route has to: control characters become a space, line breaks stay. */
export const cleanBody: RequestHandler = (req, _res, next) => {
  req.body = cleanJson(req.body);
  next();
};
