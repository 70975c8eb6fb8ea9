import type { Request, Response } from 'express';
import type { Cookie } from '../sign-in/cookies.ts';
import type { View } from './view.ts';

/** What an action did, for the page that follows it. It is in a cookie for a minute, so that no link can put words into a page. */
export interface Notices {
  leave(res: Response, notice: NonNullable<View['notice']>): void;
  /** Null: no action led to this page. */
  take(req: Request, res: Response): View['notice'];
}

const keptMs = 60_000;
const longest = 400; // characters

export const createNotices = (cookie: Cookie): Notices => ({
  leave: (res, { text, state }) => {
    const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
    cookie.set(res, Buffer.from(JSON.stringify({ text: shown, state })).toString('base64url'), keptMs);
  },
  take: (req, res) => {
    const value = cookie.of(req);
    if (value === null) return null;
    cookie.clear(res);
    return parse(value);
  },
});

function parse(value: string): View['notice'] {
  try {
    const { text, state } = JSON.parse(Buffer.from(value, 'base64url').toString()) as Record<string, unknown>;
    return typeof text === 'string' ? { text, state: state === 'bad' ? 'bad' : 'good' } : null;
  } catch {
    return null;
  }
}
