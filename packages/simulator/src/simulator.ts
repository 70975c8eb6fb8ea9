import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { type AccountOptions, midtransAccount, xenditAccount } from './account-options.ts';
import { CallLedger } from './call-ledger.ts';
import type { ProviderName } from './charge.ts';
import { ChargeBook } from './charge-book.ts';
import { controlApi } from './control/control-api.ts';
import { controlPage } from './control/control-page.ts';
import { Controls } from './controls.ts';
import { createListener, listen, shut } from './listening.ts';
import { midtransStandIn } from './midtrans/midtrans-stand-in.ts';
import { ProviderPort } from './provider-port.ts';
import { SimulatorClock } from './simulator-clock.ts';
import type { StandIn } from './stand-in.ts';
import { type SomeSwitches, Switches } from './switches.ts';
import { xenditStandIn } from './xendit/xendit-stand-in.ts';

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
  log?: (sentence: string) => void;
}

/** What the simulator is made of, for its controls and for tests that look inside. */
export interface SimulatorParts {
  controls: Controls;
  standIns: Readonly<Record<ProviderName, StandIn>>;
  book: ChargeBook;
  ledger: CallLedger;
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
    if (dropped === 1 || dropped % 10_000 === 0) log(`the book holds its ${maxCharges} charges: ${dropped} of the oldest dropped so far`);
  });
  const ledger = new CallLedger(maxCharges);
  const ground = { book, ledger, clock, switches, latencyMs, maxUnderway: maxCharges, log };
  const standIns = {
    midtrans: midtransStandIn(ground, (options.midtrans ?? [{}]).map(midtransAccount)),
    xendit: xenditStandIn(ground, (options.xendit ?? [{}]).map(xenditAccount)),
  };
  const controls = new Controls({ standIns, book, ledger, clock, switches, speedAtStart: speed });
  const parts: SimulatorParts = { controls, standIns, book, ledger, clock, switches };

  const shared = createListener(front(parts));
  const own = { midtrans: new ProviderPort(standIns.midtrans, host), xendit: new ProviderPort(standIns.xendit, host) };
  const stop = async (): Promise<void> => {
    clock.clear();
    for (const { sender } of Object.values(standIns)) sender.close();
    await Promise.all([shut(shared), own.midtrans.stop(), own.xendit.stop()]);
  };
  try {
    const port = await listen(shared, options.port ?? 0, host);
    const ports = { midtrans: await own.midtrans.open(options.midtransPort ?? 0), xendit: await own.xendit.open(options.xenditPort ?? 0) };
    const urlOf = (of: number) => `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${of}`;
    return { ...parts, port, ports, url: urlOf(port), urls: { midtrans: urlOf(ports.midtrans), xendit: urlOf(ports.xendit) }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The shared port. Providers' calls do not pass through Express: they are what is measured, and they need the bare socket. */
function front(parts: SimulatorParts): (req: IncomingMessage, res: ServerResponse) => void {
  const app = express().disable('x-powered-by').disable('etag');
  app.use('/control', controlApi(parts));
  app.use(controlPage());
  const { midtrans, xendit } = parts.standIns;
  return (req, res) => {
    const url = req.url ?? '/';
    const standIn = url.startsWith('/midtrans/') ? midtrans : url.startsWith('/xendit/') ? xendit : null;
    if (!standIn) return void app(req, res);
    const prefix = `/${standIn.name}`;
    void standIn.serve(req, res, url.slice(prefix.length), `http://${req.headers.host ?? ''}${prefix}`);
  };
}
