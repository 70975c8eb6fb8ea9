import type { Server } from 'node:http';
import { closeServer, createHttpServer, listen } from './http-server.ts';
import type { ProviderFake } from './provider-fake.ts';

const reopenEveryMs = 50; // another process may hold the port for a moment
const closeIdleEveryMs = 20; // a kept-alive connection could otherwise send requests through a closed port

/**
 * A provider's own port. It is closed while an unlimited `refuse` fault is in force, so a caller gets ECONNREFUSED and knows
 * that nothing was sent. The shared port cannot be closed for one provider alone.
 */
export class ProviderPort {
  readonly #fake: ProviderFake;
  readonly #host: string;
  readonly #server: Server;
  #port = 0;
  #isStopped = false;
  #reopenTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(fake: ProviderFake, host: string) {
    this.#fake = fake;
    this.#host = host;
    const prefix = `/${fake.name}`;
    this.#server = createHttpServer((req, res) => {
      if (this.#fake.faults.isPortClosed) return void req.socket.resetAndDestroy();
      const url = req.url ?? '/';
      const isUnderPrefix = url.startsWith(`${prefix}/`);
      const baseUrl = `http://${req.headers.host ?? ''}${isUnderPrefix ? prefix : ''}`;
      void fake.serve(req, res, isUnderPrefix ? url.slice(prefix.length) : url, baseUrl);
    });
    fake.faults.onChange(() => this.#applyFaults());
  }

  async open(port: number): Promise<number> {
    this.#port = await listen(this.#server, port, this.#host);
    return this.#port;
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#reopenTimer);
    clearInterval(this.#idleTimer);
    this.#server.closeAllConnections();
    return closeServer(this.#server);
  }

  /** Opens or closes the port as the faults say. Calls in progress are still answered. */
  #applyFaults(): void {
    if (this.#isStopped || this.#port === 0) return;
    const mayListen = !this.#fake.faults.isPortClosed;
    if (this.#server.listening && !mayListen) {
      this.#server.close(); // closes idle connections too
      this.#idleTimer = setInterval(() => this.#server.closeIdleConnections(), closeIdleEveryMs).unref();
    }
    if (!this.#server.listening && mayListen) this.#reopen();
  }

  #reopen(): void {
    if (this.#reopenTimer) return;
    clearInterval(this.#idleTimer);
    listen(this.#server, this.#port, this.#host).catch(() => {
      this.#reopenTimer = setTimeout(() => {
        this.#reopenTimer = undefined;
        this.#applyFaults();
      }, reopenEveryMs).unref();
    });
  }
}
