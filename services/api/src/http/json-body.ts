import express, { type RequestHandler } from 'express';
import { Problem } from './problem.ts';

const parse = express.json({ limit: '16kb', inflate: false, strict: true });

/** A JSON body, or none: an address without a body to speak of takes an empty one. */
export const jsonBody: RequestHandler = (req, res, next) => {
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && !req.is('application/json')) throw new Problem('unsupported_media_type', 'Send the body as application/json.');
  parse(req, res, next);
};
