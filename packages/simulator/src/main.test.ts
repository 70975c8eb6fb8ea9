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
  const { NODE_COMPILE_CACHE } = process.env; // saves half of a start
  child = fork(main, { env: { ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...environment }, execArgv: [], silent: true });
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

/** `close` comes when all output is read. After a disconnect it never comes, so only `exit` can be awaited. */
const exitCode = async (process: ChildProcess, event = 'close'): Promise<number | null> =>
  ((await once(process, event)) as [number | null])[0];

afterEach(() => {
  if (child?.exitCode === null) child.kill('SIGKILL');
});

describe('the simulator process', () => {
  it('reports its ports to its parent process, and listens on them', async () => {
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

  it.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)('exits with 0 on %s, although a call hangs', async (trigger) => {
    const { port } = await ready();
    await call('POST', `http://127.0.0.1:${String(port)}/control/midtrans/faults`, { operation: 'any', fault: 'hang' }, {});
    const hanging = call('GET', `http://127.0.0.1:${String(port)}/midtrans/v2/x/status`, undefined, {}).catch(() => 'cut off');
    await call('GET', `http://127.0.0.1:${String(port)}/control`, undefined, {});
    if (trigger === 'disconnect') child?.disconnect();
    else child?.kill(trigger);
    expect(await exitCode(child as ChildProcess, trigger === 'disconnect' ? 'exit' : 'close')).toBe(0);
    expect(await hanging).toBe('cut off');
  });

  it('names every invalid variable, shows no value, and exits with 1', async () => {
    const invalid = {
      MIDTRANS_SERVER_KEY: 'with space',
      SIMULATOR_PORT: 'three',
      HOST: '0.0.0.0',
      XENDIT_NOTIFICATION_URL: 'ftp://x',
      MAX_CHARGES: '0',
    };
    expect(await exitCode(start(invalid))).toBe(1);
    for (const name of [...Object.keys(invalid), 'XENDIT_SECRET_KEY', 'XENDIT_CALLBACK_TOKEN']) expect(output).toContain(`${name}: `);
    expect(output).not.toContain('with space');
  });

  it('listens on other than loopback addresses only with SIMULATOR_ALLOW_NON_LOOPBACK', async () => {
    expect(await exitCode(start({ ...goodKeys, ...freePorts, HOST: '0.0.0.0' }))).toBe(1);
    expect(output).toContain('SIMULATOR_ALLOW_NON_LOOPBACK=1');
    expect(await ready({ ...goodKeys, ...freePorts, HOST: '0.0.0.0', SIMULATOR_ALLOW_NON_LOOPBACK: '1' })).toMatchObject({ ready: true });
  });

  it('names a port that is taken, and exits with 1', async () => {
    const { port } = await ready();
    const first = child;
    expect(await exitCode(start({ ...goodKeys, SIMULATOR_PORT: String(port) }))).toBe(1);
    expect(output).toContain(`port ${String(port)} is taken`);
    first?.kill('SIGKILL');
  });
});
