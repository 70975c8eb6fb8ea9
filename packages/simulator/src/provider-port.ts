import type { Server } from 'node:http';
import { createListener, listen, shut } from './listening.ts';
import type { StandIn } from './stand-in.ts';

const reopenEveryMs = 50; // somebody else may sit on the port for a moment
const sweepEveryMs = 20; // a connection that outlives its last answer would be a way in through a closed port

/**
 * A provider's own port. Unlike the shared one it can truly refuse: while a standing `refuse` fault is in force nobody
 * listens, so a caller gets ECONNREFUSED and knows that nothing was sent.
 */
export class ProviderPort {
  readonly #standIn: StandIn;
  readonly #host: string;
  readonly #server: Server;
  #port = 0;
  #stopped = false;
  #reopening: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(standIn: StandIn, host: string) {
    this.#standIn = standIn;
    this.#host = host;
    const prefix = `/${standIn.name}`;
    this.#server = createListener((req, res) => {
      if (this.#standIn.faults.closesThePort) return void req.socket.resetAndDestroy();
      const url = req.url ?? '/';
      const underPrefix = url.startsWith(`${prefix}/`);
      const baseUrl = `http://${req.headers.host ?? ''}${underPrefix ? prefix : ''}`;
      void standIn.serve(req, res, underPrefix ? url.slice(prefix.length) : url, baseUrl);
    });
    standIn.faults.onChange(() => this.#follow());
  }

  async open(port: number): Promise<number> {
    this.#port = await listen(this.#server, port, this.#host);
    return this.#port;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#reopening);
    clearInterval(this.#sweeping);
    this.#server.closeAllConnections();
    return shut(this.#server);
  }

  /** Opens or closes as the faults say. Calls that were already being answered are answered. */
  #follow(): void {
    if (this.#stopped || this.#port === 0) return;
    const shouldListen = !this.#standIn.faults.closesThePort;
    if (this.#server.listening && !shouldListen) {
      this.#server.close(); // closes idle connections too
      this.#sweeping = setInterval(() => this.#server.closeIdleConnections(), sweepEveryMs).unref();
    }
    if (!this.#server.listening && shouldListen) this.#reopen();
  }

  #reopen(): void {
    if (this.#reopening) return;
    clearInterval(this.#sweeping);
    listen(this.#server, this.#port, this.#host).catch(() => {
      this.#reopening = setTimeout(() => {
        this.#reopening = undefined;
        this.#follow();
      }, reopenEveryMs).unref();
    });
  }
}
