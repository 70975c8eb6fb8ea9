import net, { type AddressInfo } from 'node:net';

/** A cable between somebody and a server of this machine, for a test to pull. */
export interface Cable {
  port: number;
  /** Breaks what is connected now. */
  cut(): void;
  /** Breaks what is connected, and lets nobody connect. */
  pull(): Promise<void>;
  /** After `pull`. */
  plugIn(): Promise<void>;
}

export async function layCable(toPort: number): Promise<Cable> {
  const ends = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(toPort, '127.0.0.1');
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end.pipe(other);
      end.on('error', () => {}); // the other end is told by the close
      end.once('close', () => {
        ends.delete(end);
        other.destroy();
      });
    }
  });
  const plugIn = (port: number) => new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const cut = () => {
    for (const end of ends) end.destroy();
  };
  await plugIn(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut,
    pull: () =>
      new Promise((pulled) => {
        server.close(() => pulled());
        cut();
      }),
    plugIn: () => plugIn(port),
  };
}
