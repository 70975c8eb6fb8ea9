import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import type { Health } from './health.ts';

/** An empty registry. Each metric in it names this process. */
export function createMetrics(process: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  return registry;
}

/**
 * Adds the metrics of Node, such as memory. Once in a process, because their timers and observers run until the process ends. The use of the
 * event loop is taken once a second: ten times a second, which is the default, took 2 % of an idle notifier's time.
 */
export const measureProcess = (registry: Registry): void =>
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: 1_000 });

export interface Monitor {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics`, `/health/live`, `/health/serving` and `/health/ready` to operators and orchestrators, on a port that is never the
 * public one. Only here do the answers name hosts and errors.
 */
export async function startMonitor(options: { port: number; address: string; health: Health; metrics: Registry }): Promise<Monitor> {
  const server = createServer((req, res) => {
    answer(req, res, options).catch((error: Error) => send(res, 500, 'text/plain', `${error.message}\n`));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.address, listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  { health, metrics }: { health: Health; metrics: Registry },
): Promise<void> {
  switch (req.url?.split('?', 1)[0]) {
    case '/metrics':
      return send(res, 200, metrics.contentType, await metrics.metrics());
    case '/health/live':
      return send(res, 200, 'application/json', '{"live":true}');
    case '/health/serving': {
      const condition = await health.serving();
      const body = condition.ok ? { serving: true } : { serving: false, why: condition.why };
      return send(res, condition.ok ? 200 : 503, 'application/json', JSON.stringify(body));
    }
    case '/health/ready': {
      const report = await health.report();
      return send(res, report.ready ? 200 : 503, 'application/json', JSON.stringify(report));
    }
    default:
      return send(res, 404, 'text/plain', 'No such path. See /metrics, /health/live, /health/serving or /health/ready.\n');
  }
}

function send(res: ServerResponse, status: number, contentType: string, body: string): void {
  res.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
}
