import { readFileSync } from 'node:fs';
import { type RequestHandler, Router } from 'express';

/** The folder lies beside `src` and beside `dist`, so the same relative path works from both. */
const pageFolder = new URL('../../page/', import.meta.url);
const files = { '/': ['index.html', 'html'], '/simulator.css': ['simulator.css', 'css'], '/simulator.js': ['simulator.js', 'js'] } as const;

/** The page of the controls at `/`: three files, read once at the start. */
export function controlPage(): Router {
  const router = Router();
  for (const [path, [file, type]] of Object.entries(files)) router.get(path, serveFile(readFileSync(new URL(file, pageFolder)), type));
  router.get('/favicon.ico', (_req, res) => void res.status(204).end()); // browsers request it, and log a 404 as an error
  return router;
}

const serveFile =
  (content: Buffer, type: string): RequestHandler =>
  (_req, res) => {
    res.set({
      'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
    res.type(type).send(content);
  };
