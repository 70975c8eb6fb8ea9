import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { call, type Json } from '../test/merchant.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const goodKeys = { MIDTRANS_SERVER_KEY: 'SB-Mid-server-TEST', XENDIT_SECRET_KEY: 'xnd_development_TEST', XENDIT_CALLBACK_TOKEN: 'token' };
const freePorts = { SIMULATOR_PORT: '0' };

let child: ChildProcess | undefined;
let output = '';

function start(environment: Record<string, string>): ChildProcess {
  output = '';
  child = fork(main, { env: environment, execArgv: [], silent: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return child;
}

async function ready(environment: Record<string, string> = { ...goodKeys, ...freePorts }): Promise<Json> {
  const [message] = (await once(start(environment), 'message')) as [Json];
  return message;
}

/** `close` comes once all output is read; after a disconnect it never does, so then only the exit can be waited for. */
const exitCode = async (process: ChildProcess, event = 'close'): Promise<number | null> =>
  ((await once(process, event)) as [number | null])[0];

afterEach(() => {
  if (child?.exitCode === null) child.kill('SIGKILL');
});

describe('the process', () => {
  it('tells its parent where it serves, and serves there', async () => {
    const message = await ready();
    expect(message).toEqual({
      ready: true,
      port: expect.any(Number),
      ports: { midtrans: expect.any(Number), xendit: expect.any(Number) },
      pid: child?.pid,
    });
    expect((await call('GET', `http://127.0.0.1:${String(message.port)}/control`, undefined, {})).status).toBe(200);
    expect(output).toContain('MIDTRANS_NOTIFICATION_URL is not set');
    expect(output).not.toContain(goodKeys.MIDTRANS_SERVER_KEY);
  });

  it.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)('leaves with 0 on %s, within a second, though a call hangs', async (trigger) => {
    const { port } = await ready();
    await call('POST', `http://127.0.0.1:${String(port)}/control/midtrans/faults`, { operation: 'any', fault: 'hang' }, {});
    const hanging = call('GET', `http://127.0.0.1:${String(port)}/midtrans/v2/x/status`, undefined, {}).catch(() => 'cut off');
    await call('GET', `http://127.0.0.1:${String(port)}/control`, undefined, {});
    const started = performance.now();
    if (trigger === 'disconnect') child?.disconnect();
    else child?.kill(trigger);
    expect(await exitCode(child as ChildProcess, trigger === 'disconnect' ? 'exit' : 'close')).toBe(0);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await hanging).toBe('cut off');
  });

  it('names every wrong variable at once, shows no value, and leaves with 1', async () => {
    const wrong = {
      MIDTRANS_SERVER_KEY: 'with space',
      SIMULATOR_PORT: 'three',
      HOST: '0.0.0.0',
      XENDIT_NOTIFICATION_URL: 'ftp://x',
      MAX_CHARGES: '0',
    };
    expect(await exitCode(start(wrong))).toBe(1);
    for (const name of [...Object.keys(wrong), 'XENDIT_SECRET_KEY', 'XENDIT_CALLBACK_TOKEN']) expect(output).toContain(`${name}: `);
    expect(output).not.toContain('with space');
  });

  it('listens to the world only in a container that says so', async () => {
    expect(await exitCode(start({ ...goodKeys, ...freePorts, HOST: '0.0.0.0' }))).toBe(1);
    expect(output).toContain('SIMULATOR_ALLOW_NON_LOOPBACK=1');
    expect(await ready({ ...goodKeys, ...freePorts, HOST: '0.0.0.0', SIMULATOR_ALLOW_NON_LOOPBACK: '1' })).toMatchObject({ ready: true });
  });

  it('says when a port is taken', async () => {
    const { port } = await ready();
    const first = child;
    expect(await exitCode(start({ ...goodKeys, SIMULATOR_PORT: String(port) }))).toBe(1);
    expect(output).toContain(`port ${String(port)} is taken`);
    first?.kill('SIGKILL');
  });
});
