import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { type AccountOptions, midtransAccount, xenditAccount } from './account-options.ts';
import { CallLog } from './call-log.ts';
import type { ProviderName } from './charge.ts';
import { ChargeBook } from './charge-book.ts';
import { controlApi } from './control/control-api.ts';
import { controlPage } from './control/control-page.ts';
import { Controls, type SimulatorParts } from './controls.ts';
import { closeServer, createHttpServer, listen } from './http-server.ts';
import { midtransFake } from './midtrans/midtrans-fake.ts';
import { ProviderPort } from './provider-port.ts';
import { SimulatorClock } from './simulator-clock.ts';
import { type SomeSwitches, Switches } from './switches.ts';
import { xenditFake } from './xendit/xendit-fake.ts';

/** How a simulator is started. */
export interface SimulatorOptions extends AccountOptions {
  /** The shared port. 0, the default, takes a free one. */
  port?: number;
  /** Each provider's own port, where the fault `refuse` is a real ECONNREFUSED. 0, the default, takes a free one. */
  midtransPort?: number;
  xenditPort?: number;
  host?: string;
  maxCharges?: number;
  /** How many times faster than real time the providers' clock runs; default 1. */
  speed?: number;
  /** Real milliseconds added to each answer of a provider. */
  latencyMs?: number;
  switches?: SomeSwitches;
  /** Receives the log messages, such as a full charge book. */
  log?: (message: string) => void;
}

/** A running simulator. */
export interface Simulator extends SimulatorParts {
  port: number;
  ports: Readonly<Record<ProviderName, number>>;
  /** The shared port: controls, page, and both providers under their prefixes. */
  url: string;
  /** The base URLs for a gateway: each provider on its own port. */
  urls: Readonly<Record<ProviderName, string>>;
  stop(): Promise<void>;
}

const defaultMaxCharges = 100_000;

/** Starts both providers in this process. Several simulators may run side by side. @throws when a port is taken */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', maxCharges = defaultMaxCharges, speed = 1, latencyMs = 0, log = () => {} } = options;
  const clock = new SimulatorClock(speed);
  const switches = new Switches(options.switches);
  const book = new ChargeBook(clock, maxCharges, (dropped) => {
    if (dropped === 1 || dropped % 10_000 === 0) log(`charge book full (${maxCharges} charges): ${dropped} oldest dropped so far`);
  });
  const callLog = new CallLog(maxCharges);
  const dependencies = { book, callLog, clock, switches, latencyMs, maxUnderway: maxCharges, log };
  const fakes = {
    midtrans: midtransFake(dependencies, (options.midtrans ?? [{}]).map(midtransAccount)),
    xendit: xenditFake(dependencies, (options.xendit ?? [{}]).map(xenditAccount)),
  };
  const controlled = { fakes, book, callLog, clock, switches };
  const parts: SimulatorParts = { ...controlled, controls: new Controls(controlled, speed) };

  const shared = createHttpServer(handleSharedPort(parts));
  const providerPorts = { midtrans: new ProviderPort(fakes.midtrans, host), xendit: new ProviderPort(fakes.xendit, host) };
  const stop = async (): Promise<void> => {
    clock.clear();
    for (const { sender } of Object.values(fakes)) sender.close();
    await Promise.all([closeServer(shared), providerPorts.midtrans.stop(), providerPorts.xendit.stop()]);
  };
  try {
    const port = await listen(shared, options.port ?? 0, host);
    const ports = {
      midtrans: await providerPorts.midtrans.open(options.midtransPort ?? 0),
      xendit: await providerPorts.xendit.open(options.xenditPort ?? 0),
    };
    const base = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}`;
    const urls = { midtrans: `${base}:${ports.midtrans}`, xendit: `${base}:${ports.xendit}` };
    return { ...parts, port, ports, url: `${base}:${port}`, urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Serves the shared port. Calls to a provider bypass Express: faults need the bare socket, and Express would slow every call. */
function handleSharedPort(parts: SimulatorParts): (req: IncomingMessage, res: ServerResponse) => void {
  const app = express().disable('x-powered-by').disable('etag');
  app.use('/control', controlApi(parts));
  app.use(controlPage());
  const { midtrans, xendit } = parts.fakes;
  return (req, res) => {
    const url = req.url ?? '/';
    const [first] = url.slice(1).split(/[/?]/, 1);
    const fake = first === 'midtrans' ? midtrans : first === 'xendit' ? xendit : null;
    if (!fake) return void app(req, res);
    const prefix = `/${fake.name}`;
    void fake.serve(req, res, url.slice(prefix.length) || '/', `http://${req.headers.host ?? ''}${prefix}`);
  };
}
