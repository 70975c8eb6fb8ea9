import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Enqueue } from '@gateway/shared/queue';
import { createLogger, createMetrics } from '@gateway/shared/runtime';
import type { Simulator } from '@gateway/simulator';
import express from 'express';
import { createApiMetrics } from '../../../../services/api/src/http/api-metrics.ts';
import { type HttpServer, listen } from '../../../../services/api/src/http/listen.ts';
import { handleErrors } from '../../../../services/api/src/http/problem.ts';
import { receiveWebhook } from '../../../../services/api/src/webhooks/receive-webhook.ts';
import type { Workshop } from '../../../../testing/workshop.ts';

/** A webhook as a provider has written and signed it. */
export interface Letter {
  provider: string;
  body: Buffer;
  headers: Record<string, string>;
}

/** What lies between the providers and us: news is kept here until somebody delivers it, in any order, often, or never. */
export interface PostOffice {
  letters: Letter[];
  /** When every provider has said what it had to say. */
  settled(simulator: Simulator): Promise<void>;
  /** To the gateway's own route. @returns the status of its answer */
  deliver(letter: Letter): Promise<number>;
  /** Where the providers send their news. */
  addressOf(provider: string): string;
  /** The gateway behind the route. */
  serve(shop: Workshop, enqueue: Enqueue): void;
  close(): Promise<void>;
}

const carried = ['content-type', 'x-callback-token', 'webhook-id', 'user-agent'];

export async function openPostOffice(): Promise<PostOffice> {
  const letters: Letter[] = [];
  const app = express();
  const raw = express.raw({ type: () => true });
  app.post('/mail/:provider', raw, (req, res) => {
    const headers = Object.fromEntries(carried.flatMap((name) => (req.get(name) ? [[name, String(req.get(name))]] : [])));
    letters.push({ provider: String(req.params.provider), body: req.body as Buffer, headers });
    res.sendStatus(200);
  });
  const server: HttpServer = await listen(app, { port: 0, address: '127.0.0.1', shared: false });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    letters,
    addressOf: (provider) => `${url}/mail/${provider}`,
    settled: async ({ standIns }) => {
      while (Object.values(standIns).some(({ sender }) => sender.underway > 0)) await nextTurn();
    },
    deliver: async ({ provider, headers, body }) => {
      const answer = await fetch(`${url}/webhooks/${provider}`, { method: 'POST', headers, body: new Uint8Array(body) });
      await answer.arrayBuffer();
      return answer.status;
    },
    serve: (shop, enqueue) => {
      const log = createLogger('test', 'silent');
      const { webhookCounter } = createApiMetrics(createMetrics('test'));
      const { hosts, accounts, clock, db: controlDb } = shop;
      app.post('/webhooks/:provider', raw, receiveWebhook({ hosts, controlDb, accounts, enqueue, webhookCounter, clock, log }));
      app.use(handleErrors(log));
    },
    close: () => server.stop(),
  };
}
