import http from 'node:http';
import https from 'node:https';

/** The body and headers of one webhook. */
export interface Message {
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** The status code of the answer, or why there was none: `timeout`, or the error's code. */
export type PostResult = number | string;

const connections = { keepAlive: true, maxSockets: 64 }; // per receiver, so that a slow one delays its own webhooks only

/** Posts webhooks to merchants over kept-alive connections. */
export class WebhookPoster {
  readonly #http = new http.Agent(connections);
  readonly #https = new https.Agent(connections);

  /** Never throws. `timeoutMs` is real time from the moment of sending; `hops` is how many 307 or 308 redirects are followed with the same body. */
  async post(url: string, message: Message, timeoutMs: number, hops: number): Promise<PostResult> {
    const { result, location } = await this.#once(url, message, timeoutMs);
    if ((result !== 307 && result !== 308) || hops === 0 || !location || !URL.canParse(location, url)) return result;
    return this.post(new URL(location, url).href, message, timeoutMs, hops - 1);
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #once(url: string, { body, headers }: Message, timeoutMs: number): Promise<{ result: PostResult; location?: string }> {
    return new Promise((resolve) => {
      const isHttps = url.startsWith('https:');
      const request = (isHttps ? https : http).request(url, {
        method: 'POST',
        agent: isHttps ? this.#https : this.#http,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      });
      let timer: NodeJS.Timeout | undefined;
      const settle = (result: PostResult, location?: string) => {
        clearTimeout(timer);
        resolve(location === undefined ? { result } : { result, location });
      };
      // The timeout starts when a connection is free: waiting for one is the simulator's delay, not the merchant's.
      request.on('socket', () => {
        timer = setTimeout(() => {
          settle('timeout');
          request.destroy();
        }, timeoutMs).unref();
      });
      request.on('response', (response) => {
        response.resume();
        response.on('end', () => settle(response.statusCode ?? 0, response.headers.location));
        response.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? 'error'));
      });
      request.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? 'error'));
      request.end(body);
    });
  }
}
