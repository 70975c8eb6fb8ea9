import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from '@prometheus-io/client';
import { z } from 'zod';
import { environment } from './environment.ts';
import type { Health } from './health.ts';
import { createLogger, type Logger, type LogLevel } from './logger.ts';
import { createMetrics, measureProcess, startMonitor } from './monitor.ts';
import { announceReady, onShutdown, type ShutdownStep, startProcess } from './process.ts';
import { allowPlaintext } from './safe-environment.ts';

/** The variables that every service reads. */
export const serviceEnvironment = {
  LOG_LEVEL: environment.logLevel(),
  HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: environment.port(9100),
  REDIS_URL: environment.redisUrl(),
  /** A process of `npm start` or of the demo's containers. */
  LOCAL_STACK: environment.flag(),
  ALLOW_PLAINTEXT: allowPlaintext,
};

interface ServiceConfig {
  LOG_LEVEL: LogLevel;
  HOST: string;
  METRICS_PORT: number;
}

/** What a service is wired with. */
export interface ServiceTools<Config> {
  config: Config;
  log: Logger;
  registry: Registry;
  /** @returns a listener that logs the error as a warning, with this message */
  onError(message: string): (error: Error) => void;
}

export interface WiredService {
  health: Health;
  /** The port that clients connect to; absent when the service has none. */
  port?: number;
  /** How long the process still accepts requests after readiness is withdrawn, milliseconds. Default: 0. */
  drainMs?: number;
  /** Run in this order when the process shuts down, after readiness is withdrawn and before the monitor closes. */
  shutdownSteps: readonly ShutdownStep[];
}

/** Starts one service process: reads its configuration, wires it, then serves metrics and health. Exits with 1 when that fails. */
export function startService<Config extends ServiceConfig>(
  name: string,
  readConfig: (env: NodeJS.ProcessEnv) => Config,
  wire: (tools: ServiceTools<Config>) => Promise<WiredService>,
): Promise<void> {
  return startProcess(async () => {
    const config = readConfig(process.env);
    const log = createLogger(name, config.LOG_LEVEL);
    const registry = createMetrics(name);
    measureProcess(registry);
    const onError = (message: string) => (error: Error) => log.warn({ err: error }, message);
    const { health, port, drainMs = 0, shutdownSteps } = await wire({ config, log, registry, onError });
    const monitor = await startMonitor({ port: config.METRICS_PORT, address: config.HOST, health, metrics: registry });
    const withdraw = () => {
      health.drain();
      return sleep(drainMs);
    };
    const steps = [{ name: 'readiness', close: withdraw }, ...shutdownSteps, { name: 'monitor', close: () => monitor.close() }];
    onShutdown(log, steps, { limitMs: 8_000 + drainMs });
    announceReady({ metricsPort: monitor.port, ...(port === undefined ? {} : { port }) });
  });
}
