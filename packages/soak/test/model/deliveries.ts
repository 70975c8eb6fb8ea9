import type { AddressInfo } from 'node:net';
import { setImmediate as nextTick } from 'node:timers/promises';
import { createApiMetrics } from '@gateway/api/src/http/api-metrics.ts';
import { handleErrors } from '@gateway/api/src/http/handle-errors.ts';
import { createAddressLimit } from '@gateway/api/src/http/limit-address.ts';
import { type HttpServer, listen } from '@gateway/api/src/http/listen.ts';
import { createSecurityLog } from '@gateway/api/src/http/security-log.ts';
import { receiveWebhook } from '@gateway/api/src/webhooks/receive-webhook.ts';
import { fixedAccounts } from '@gateway/shared/provider';
import type { Enqueue } from '@gateway/shared/queue';
import { createLogger, createMetrics } from '@gateway/shared/runtime';
import type { Simulator } from '@gateway/simulator';
import type { WorkerHarness } from '@gateway/testing/worker/worker-harness';
import express from 'express';

/** A webhook as a provider wrote and signed it. */
export interface Delivery {
  provider: string;
  body: Buffer;
  headers: Record<string, string>;
}

/** Holds every webhook of the providers until a step delivers it to the gateway: in any order, repeatedly, or never. */
export interface DeliveryQueue {
  deliveries: Delivery[];
  /** Resolves when the providers have no webhook left to send. */
  waitUntilSent(simulator: Simulator): Promise<void>;
  /** Posts the delivery to the gateway's webhook route. @returns the status of the answer */
  deliver(delivery: Delivery): Promise<number>;
  /** The URL of this queue, where the provider sends its webhooks. */
  notificationUrl(provider: string): string;
  /** Mounts the gateway's webhook route. */
  mountGateway(worker: WorkerHarness, enqueue: Enqueue): void;
  close(): Promise<void>;
}

const forwardedHeaders = ['content-type', 'x-callback-token', 'webhook-id', 'user-agent'];

export async function openDeliveryQueue(): Promise<DeliveryQueue> {
  const deliveries: Delivery[] = [];
  const app = express();
  const raw = express.raw({ type: () => true });
  app.post('/outgoing/:provider', raw, (req, res) => {
    const headers = Object.fromEntries(forwardedHeaders.flatMap((name) => (req.get(name) ? [[name, String(req.get(name))]] : [])));
    deliveries.push({ provider: String(req.params.provider), body: req.body as Buffer, headers });
    res.sendStatus(200);
  });
  const server: HttpServer = await listen(app, { port: 0, address: '127.0.0.1', shared: false });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    deliveries,
    notificationUrl: (provider) => `${url}/outgoing/${provider}`,
    waitUntilSent: async ({ fakes }) => {
      while (Object.values(fakes).some(({ sender }) => sender.underway > 0)) await nextTick();
    },
    deliver: async ({ provider, headers, body }) => {
      const response = await fetch(`${url}/webhooks/${provider}`, { method: 'POST', headers, body: new Uint8Array(body) });
      await response.arrayBuffer();
      return response.status;
    },
    mountGateway: (worker, enqueue) => {
      const log = createLogger('test', 'silent');
      const { webhookCounter, securityCounter } = createApiMetrics(createMetrics('test'));
      const { hosts, clock, db: controlDb } = worker;
      const accounts = fixedAccounts(worker.accounts);
      app.post(
        '/webhooks/:provider',
        raw,
        receiveWebhook({
          hosts,
          controlDb,
          accounts,
          enqueue,
          webhookCounter,
          noteRefused: () => {},
          refreshControl: async () => {},
          clock,
        }),
      );
      const security = createSecurityLog(log, securityCounter);
      app.use(handleErrors({ log, security, addresses: createAddressLimit(clock), publicUrl: 'http://gateway.test', hosts }));
    },
    close: () => server.stop(),
  };
}
