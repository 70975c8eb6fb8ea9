import express, { type RequestHandler } from 'express';
import { cleanBody } from './clean-input.ts';
import { Problem } from './problem.ts';

const parse = express.json({ limit: '16kb', inflate: false, strict: true });

/** Parses a JSON body of at most 16 KiB and cleans its texts. A request without a body passes. @throws Problem `unsupported_media_type` */
export const jsonBody: RequestHandler = (req, res, next) => {
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && !req.is('application/json')) throw new Problem('unsupported_media_type', 'Send the body as application/json.');
  parse(req, res, (error?: unknown) => (error ? next(error) : cleanBody(req, res, next)));
};
