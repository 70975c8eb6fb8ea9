import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Faults of the event streams. Every other response passes unchanged. */
export interface Faults {
  /** The `seq` of events that are left out. */
  without?: readonly number[];
  /** How many times each event is sent. */
  times?: number;
  /** How many streams are opened and then stay silent. */
  silentStreams?: number;
}

export interface FaultyServer {
  url: string;
  close(): Promise<void>;
}

/** A proxy in front of the gateway that adds faults to its event streams. */
export async function faultyServer(gateway: string, { without = [], times = 1, silentStreams = 0 }: Faults): Promise<FaultyServer> {
  let silentLeft = silentStreams;
  const server = http.createServer((req, res) => {
    const { accept = '', authorization = '' } = req.headers;
    http.get(`${gateway}${req.url}`, { headers: { accept, authorization }, agent: false }, (response) => {
      const isStream = response.headers['content-type']?.startsWith('text/event-stream');
      res.writeHead(response.statusCode ?? 502, { 'content-type': response.headers['content-type'] });
      res.once('close', () => response.destroy());
      if (!isStream) return void response.pipe(res);
      if (silentLeft-- > 0) return void res.flushHeaders();
      let partial = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const blocks = (partial + chunk).split('\n\n');
        partial = blocks.pop() ?? '';
        for (const block of blocks) {
          const id = Number(/^id: (\d+)/.exec(block)?.[1] ?? 0);
          if (!without.includes(id)) res.write(`${block}\n\n`.repeat(id ? times : 1));
        }
      });
      response.once('end', () => res.end());
      response.once('error', () => res.destroy());
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
