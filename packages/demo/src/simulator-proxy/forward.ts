import type { Response } from 'express';

const timeoutMs = 5_000;

/** Sends one request to the simulator and passes its JSON response on to the caller. No response within 5 s becomes a 500. */
export async function forward(res: Response, url: URL, { method, body }: { method: string; body?: unknown }): Promise<void> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  res
    .status(response.status)
    .type('application/json')
    .send(await response.text());
}
