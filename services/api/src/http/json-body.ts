import { tillHost } from '@gateway/shared/store';
import express, { type RequestHandler } from 'express';
import { clientOf } from './authenticate-client.ts';
import { cleanBody } from './clean-input.ts';
import { Problem } from './problem.ts';

const bodyOf = (limit: string): RequestHandler => {
  const parse = express.json({ limit, inflate: false, strict: true });
  return (req, res, next) => {
    const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
    if (hasBody && !req.is('application/json')) throw new Problem('unsupported_media_type', 'Send the body as application/json.');
    parse(req, res, (error?: unknown) => (error ? next(error) : cleanBody(req, res, next)));
  };
};

/** Parses a JSON body of at most 16 KiB and cleans its texts. A request without a body passes. @throws Problem `unsupported_media_type` */
export const jsonBody: RequestHandler = bodyOf('16kb');

const largeBody = bodyOf('128kb'); // two hundred lines with a name and a note each

/** As `jsonBody`, with 128 KiB for a key of a till, which may send an order. */
export const orderJsonBody: RequestHandler = (req, res, next) => (clientOf(res).host === tillHost ? largeBody : jsonBody)(req, res, next);
