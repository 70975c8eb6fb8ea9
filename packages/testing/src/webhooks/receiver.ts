import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../eventually.ts';

/** A webhook as it arrived. */
export interface ReceivedWebhook {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers a webhook. `count` is 1 for the first one that this receiver got. */
export type Respond = (webhook: ReceivedWebhook, answer: ServerResponse, count: number) => void;

/** Answers with this status. */
export const answering =
  (status: number, headers: Record<string, string> = {}): Respond =>
  (_webhook, answer) =>
    void answer.writeHead(status, headers).end();

const ok = answering(204);

interface ReceivedEvent {
  event_id: string;
  seq: number;
  type: string;
  store_id: string;
}

/** The server of an endpoint's owner. */
export interface Receiver {
  url: string;
  port: number;
  received: ReceivedWebhook[];
  /** Changes how the next webhooks are answered. */
  respond(how: Respond): void;
  /** The bodies that were received for one path, parsed, in the order of arrival. */
  events(path?: string): ReceivedEvent[];
  /** The sequence numbers that were received, of one store or of all, in the order of arrival. */
  seqs(storeId?: string): number[];
  waitsFor(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startReceiver(initially: Respond = ok, address = '127.0.0.1'): Promise<Receiver> {
  let respond = initially;
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const webhook = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
      received.push(webhook);
      respond(webhook, answer, received.length);
    });
  });
  await new Promise<void>((listening) => server.listen(0, address, listening));
  const { port } = server.address() as AddressInfo;
  const events: Receiver['events'] = (path) =>
    received.filter((webhook) => path === undefined || webhook.path === path).map(({ body }) => JSON.parse(body) as ReceivedEvent);
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}/hook`,
    port,
    received,
    respond: (how) => {
      respond = how;
    },
    events,
    seqs: (storeId) =>
      events()
        .filter(({ store_id }) => storeId === undefined || store_id === storeId)
        .map(({ seq }) => seq),
    waitsFor: async (count) => void (await eventually(() => received.length >= count)),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
