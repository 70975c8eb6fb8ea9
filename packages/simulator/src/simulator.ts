import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { type AccountOptions, midtransAccount, xenditAccount } from './account-options.ts';
import { CallLog } from './call-log.ts';
import type { ProviderName } from './charge.ts';
import { ChargeBook } from './charge-book.ts';
import { controlApi } from './control/control-api.ts';
import { controlPage } from './control/control-page.ts';
import { Controls } from './controls.ts';
import { closeServer, createHttpServer, listen } from './http-server.ts';
import { midtransFake } from './midtrans/midtrans-fake.ts';
import type { ProviderFake } from './provider-fake.ts';
import { ProviderPort } from './provider-port.ts';
import { SimulatorClock } from './simulator-clock.ts';
import { type SomeSwitches, Switches } from './switches.ts';
import { xenditFake } from './xendit/xendit-fake.ts';

export interface SimulatorOptions extends AccountOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Each provider's own port: `refuse` is a real ECONNREFUSED there. */
  midtransPort?: number;
  xenditPort?: number;
  host?: string;
  maxCharges?: number;
  /** How many times as fast as the real one the providers' time runs. */
  speed?: number;
  /** Real milliseconds added to each answer of a provider. */
  latencyMs?: number;
  switches?: SomeSwitches;
  /** Hears what an operator should know, a sentence each. */
  log?: (message: string) => void;
}

/** What the simulator is made of, for its controls and for tests that look inside. */
export interface SimulatorParts {
  controls: Controls;
  fakes: Readonly<Record<ProviderName, ProviderFake>>;
  book: ChargeBook;
  callLog: CallLog;
  clock: SimulatorClock;
  switches: Switches;
}

export interface Simulator extends SimulatorParts {
  port: number;
  ports: Readonly<Record<ProviderName, number>>;
  /** The shared port: controls, page, and both providers under their prefixes. */
  url: string;
  /** What a gateway is given as base URL: each provider on its own port. */
  urls: Readonly<Record<ProviderName, string>>;
  stop(): Promise<void>;
}

const defaultMaxCharges = 100_000;

/** Starts both providers in this process. Several may run side by side. @throws when a port is taken */
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
  const controls = new Controls({ fakes, book, callLog, clock, switches, speedAtStart: speed });
  const parts: SimulatorParts = { controls, fakes, book, callLog, clock, switches };

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
    const urlOf = (of: number) => `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${of}`;
    return { ...parts, port, ports, url: urlOf(port), urls: { midtrans: urlOf(ports.midtrans), xendit: urlOf(ports.xendit) }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The shared port. Providers' calls do not pass through Express: they are what is measured, and they need the bare socket. */
function handleSharedPort(parts: SimulatorParts): (req: IncomingMessage, res: ServerResponse) => void {
  const app = express().disable('x-powered-by').disable('etag');
  app.use('/control', controlApi(parts));
  app.use(controlPage());
  const { midtrans, xendit } = parts.fakes;
  return (req, res) => {
    const url = req.url ?? '/';
    const fake = url.startsWith('/midtrans/') ? midtrans : url.startsWith('/xendit/') ? xendit : null;
    if (!fake) return void app(req, res);
    const prefix = `/${fake.name}`;
    void fake.serve(req, res, url.slice(prefix.length), `http://${req.headers.host ?? ''}${prefix}`);
  };
}
