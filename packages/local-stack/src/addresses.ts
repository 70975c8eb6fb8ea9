import { choosePorts } from './ports.ts';
import type { StackConfig } from './stack-config.ts';

const metered = ['api', 'worker', 'notifier'] as const;
export type MeteredService = (typeof metered)[number];

/** The addresses and ports of all services. */
export interface Addresses {
  apiPort: number;
  simulatorPort: number;
  /** One port for each process of the service, by its number. */
  metricsPorts: Readonly<Record<MeteredService, readonly number[]>>;
  apiUrl: string;
  simulatorUrl: string;
  metricsUrls: Readonly<Record<MeteredService, readonly string[]>>;
}

/** @throws StartError naming every port that cannot be used */
export async function chooseAddresses(config: StackConfig): Promise<Addresses> {
  const { HOST, METRICS_PORT } = config;
  const counts = { api: config.API_PROCESSES, worker: config.WORKER_PROCESSES, notifier: config.NOTIFIER_PROCESSES };
  const metricsCount = counts.api + counts.worker + counts.notifier;
  const [apiPort = 0, simulatorPort = 0, ...metrics] = await choosePorts([
    { variable: 'API_PORT', port: config.API_PORT, address: HOST },
    { variable: 'SIMULATOR_PORT', port: config.SIMULATOR_PORT, address: '127.0.0.1' },
    ...Array.from({ length: metricsCount }, (_, n) => ({
      variable: 'METRICS_PORT',
      port: METRICS_PORT && METRICS_PORT + n,
      address: HOST,
    })),
  ]);
  const metricsPorts = {
    api: metrics.slice(0, counts.api),
    worker: metrics.slice(counts.api, counts.api + counts.worker),
    notifier: metrics.slice(counts.api + counts.worker),
  };
  const urlOf = (port: number) => `http://${reachableHost(HOST)}:${port}`;
  return {
    apiPort,
    simulatorPort,
    metricsPorts,
    apiUrl: urlOf(apiPort),
    simulatorUrl: `http://127.0.0.1:${simulatorPort}`,
    metricsUrls: { api: metricsPorts.api.map(urlOf), worker: metricsPorts.worker.map(urlOf), notifier: metricsPorts.notifier.map(urlOf) },
  };
}

/** A caller cannot connect to an address that means "all interfaces", so the loopback address stands for it. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
