import type { Socket } from 'node:net';
import { logLines } from '../../test/provider/log-lines.ts';
import { json, reply, type Script, type ScriptedServer, startScriptedServer } from '../../test/provider/scripted-server.ts';
import { maxBodyBytes } from './http-call.ts';
import { type Call, HttpExchange } from './http-exchange.ts';
import { type ProviderError, ProviderOutcomeUnknown, ProviderUnavailable } from './provider-error.ts';

const call: Call = {
  operation: 'create',
  method: 'POST',
  route: '/v2/charge',
  path: '/v2/charge',
  headers: { authorization: 'Basic CANARY-key' },
  body: { customer: 'CANARY-body' },
  reference: 'pos-1-1',
  limits: { connectMs: 20_000, totalMs: 20_000 },
};
const never = new AbortController().signal;

let server: ScriptedServer;
let exchange: HttpExchange;
let written: ReturnType<typeof logLines>;

/** Calls `baseUrl` and returns the response or the error. */
async function outcomeOf(baseUrl: string, changes: Partial<Call> = {}, signal = never) {
  await exchange?.close();
  written = logLines();
  exchange = new HttpExchange({ provider: 'midtrans', id: 'default', baseUrl }, { log: written.log });
  return exchange.send({ ...call, ...changes }, signal).catch((error: ProviderError) => error);
}

async function serverThat(script: Script, changes: Partial<Call> = {}) {
  server.script = script;
  return outcomeOf(server.url, changes);
}

const shortConnect: Partial<Call> = { limits: { connectMs: 150, totalMs: 20_000 } };

/** A call with a short limit on a connection that is open already: only its response can be late, however busy the machine is. */
async function lateResponse(script: Script) {
  await serverThat(json(200, {}));
  await connectionFree();
  server.script = script;
  server.received.length = 0;
  written.clear();
  return exchange.send({ ...call, limits: { connectMs: 20_000, totalMs: 300 } }, never).catch((error: ProviderError) => error);
}

beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  await server.close();
  await exchange.close();
});

describe('a call that was certainly not sent is ProviderUnavailable', () => {
  it.each([
    ['F1 the host name does not resolve', 'dns', async () => outcomeOf('http://nowhere.invalid')],
    [
      'F1 the connection is refused',
      'refused',
      async () => {
        await server.close();
        return outcomeOf(server.url);
      },
    ],
    ['F2 the server does not speak TLS', 'tls', async () => outcomeOf(sendsGarbage(server).replace('http:', 'https:'))],
    [
      'F2 the certificate is not trusted',
      'tls',
      async () => {
        await server.close();
        server = await startScriptedServer({ tls: true });
        return outcomeOf(server.url);
      },
    ],
    [
      'F2 the connection is reset in the handshake',
      'handshake',
      async () => {
        server.onConnection = (socket) => socket.resetAndDestroy();
        return outcomeOf(server.url.replace('http:', 'https:'));
      },
    ],
    [
      'F3 the connection is not ready in time',
      'connect_timeout',
      async () => outcomeOf(server.url.replace('http:', 'https:'), shortConnect),
    ],
    ['the caller has aborted already', 'aborted', async () => outcomeOf(server.url, {}, AbortSignal.abort())],
    [
      'the caller aborts during connecting',
      'timeout',
      async () => outcomeOf(server.url.replace('http:', 'https:'), {}, AbortSignal.timeout(20)),
    ],
    ['a header that HTTP forbids', 'unsendable', async () => outcomeOf(server.url, { headers: { authorization: 'a\nb' } })],
  ])('%s', async (_what, reason, attempt) => {
    const outcome = await attempt();
    expect(outcome).toBeInstanceOf(ProviderUnavailable);
    expect(outcome).toMatchObject({ reason });
    expect(server.received).toEqual([]);
    expect(written.lines).toMatchObject([{ outcome: 'not_sent', reason }]);
  });

  it('is not sent later either, when the connection becomes ready', async () => {
    await server.close();
    server = await startScriptedServer({ tls: true });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const slow = await startSlowProxy(server, 250);
      const outcome = await outcomeOf(slow.url, shortConnect);
      expect(outcome).toBeInstanceOf(ProviderUnavailable);
      await slow.opened;
      await server.closeIdle();
      expect(server.received).toEqual([]);
      await slow.close();
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });
});

describe('a call that was sent, and got no complete response, is ProviderOutcomeUnknown', () => {
  it.each([
    ['F4 the connection breaks during writing', /reset|write_error/, () => breaksWhileWriting()],
    ['F5 no response', /timeout/, () => lateResponse(() => {})],
    ['F5 reset after the request', /reset/, () => serverThat((socket) => socket.resetAndDestroy())],
    ['F5 closed after the request', /reset/, () => serverThat((socket) => socket.end())],
    ['F5 a response that comes too slowly', /timeout/, () => lateResponse(drip)],
    [
      'half a response',
      /reset|broken/,
      () => serverThat((socket) => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"status')),
    ],
    [
      'half a response in chunks',
      /reset|broken/,
      () => serverThat((socket) => socket.end('HTTP/1.1 201 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{"sta')),
    ],
    ['a header that never ends', /timeout/, () => lateResponse((socket) => socket.write('HTTP/1.1 201 Created\r\nx: '))],
    ['too many headers', /oversized/, () => serverThat((socket) => socket.write(`HTTP/1.1 201 Created\r\nx: ${'y'.repeat(70_000)}`))],
    ['not HTTP', /not_http/, () => serverThat((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))],
    ['more than 1 MiB', /oversized/, () => serverThat(reply(201, Buffer.alloc(maxBodyBytes + 1)))],
    ['more than 1 MiB without a content-length', /oversized/, () => serverThat(endless)],
  ])('%s', async (_what, reason, attempt) => {
    const outcome = await attempt();
    expect(outcome).toBeInstanceOf(ProviderOutcomeUnknown);
    expect((outcome as ProviderError).reason).toMatch(reason);
    expect(server.received.length).toBeLessThanOrEqual(1); // no retry
    expect(written.lines).toMatchObject([{ outcome: 'no_answer' }]);
  });

  it.each(['aborted', 'timeout'] as const)('the caller aborts (%s) after it was sent', async (reason) => {
    const controller = new AbortController();
    server.script = () => controller.abort(reason === 'timeout' ? new DOMException('late', 'TimeoutError') : undefined);
    const outcome = await outcomeOf(server.url, {}, controller.signal);
    expect(outcome).toBeInstanceOf(ProviderOutcomeUnknown);
    expect(outcome).toMatchObject({ reason });
  });

  it('a reset on a kept connection, because the request may have been read before', async () => {
    await serverThat(json(200, {}));
    server.script = (socket) => socket.resetAndDestroy();
    await connectionFree();
    const outcome = await exchange.send(call, never).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(ProviderOutcomeUnknown);
    expect(server.received.map(({ connection }) => connection)).toEqual([1, 1]);
  });
});

describe('a response', () => {
  it.each([200, 201, 202, 302, 400, 404, 429, 500, 503])('with status %d is returned to the adapter', async (status) => {
    expect(await serverThat(reply(status, 'hello'))).toMatchObject({ status, body: Buffer.from('hello') });
    expect(written.lines).toMatchObject([{ outcome: 'answered', http_status: status, operation: 'create', reference: 'pos-1-1' }]);
  });

  it('that redirects is not followed', async () => {
    const elsewhere = await startScriptedServer();
    await serverThat(reply(307, '', { location: elsewhere.url }));
    expect(elsewhere.connections).toBe(0);
    await elsewhere.close();
  });

  it('of exactly 1 MiB is read', async () => {
    expect(await serverThat(reply(200, Buffer.alloc(maxBodyBytes, 'a')))).toMatchObject({ status: 200 });
  });

  it('may follow early hints', async () => {
    const outcome = await serverThat((socket) =>
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
    );
    expect(outcome).toMatchObject({ status: 200, body: Buffer.from('{}') });
  });
});

describe('connections', () => {
  it('are kept, and one that the server closed in between fails no call', async () => {
    await serverThat(json(200, {}));
    await connectionFree();
    await exchange.send(call, never);
    await server.closeIdle();
    await exchange.send(call, never);
    expect(server.received.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('carry the path below the base URL, and JSON', async () => {
    await outcomeOf(`${server.url}/midtrans/`);
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/midtrans/v2/charge',
        headers: { 'content-type': 'application/json', 'accept-encoding': 'identity' },
        body: '{"customer":"CANARY-body"}',
      },
    ]);
  });
});

it('a log line shows no header, body, query or response', async () => {
  await serverThat(json(500, { secret: 'CANARY-answer' }, { 'x-secret': 'CANARY-header' }), { path: '/v2/charge?CANARY-query' });
  await serverThat((socket) => socket.end('CANARY-garbage'), {});
  expect(written.text()).not.toContain('CANARY');
});

/** Waits until undici uses the connection again, which takes one round of the event loop. */
async function connectionFree(): Promise<void> {
  for (let tick = 0; tick < 3; tick++) await new Promise(setImmediate);
}

function sendsGarbage(of: ScriptedServer): string {
  of.onConnection = (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  return of.url;
}

async function breaksWhileWriting() {
  server.onChunk = (socket) => socket.resetAndDestroy();
  return outcomeOf(server.url, { body: { filling: 'x'.repeat(8 * 1024 * 1024) } });
}

function drip(socket: Socket): void {
  socket.write('HTTP/1.1 201 Created\r\ncontent-length: 100000\r\n\r\n');
  const timer = setInterval(() => socket.write('x'), 20);
  socket.on('close', () => clearInterval(timer));
}

function endless(socket: Socket): void {
  socket.write('HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n');
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const push = () => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', push);
  push();
}

/** A proxy to `to` that forwards the first bytes only after `holdMs`. */
async function startSlowProxy(to: ScriptedServer, holdMs: number) {
  const { connect, createServer } = await import('node:net');
  let hasOpened = () => {};
  const opened = new Promise<void>((resolve) => {
    hasOpened = resolve;
  });
  const proxy = createServer((near) => {
    near.on('error', () => {}).pause();
    setTimeout(() => {
      const far = connect(Number(new URL(to.url).port), '127.0.0.1');
      far.on('error', () => {}).on('close', () => hasOpened());
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    }, holdMs);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const { port } = proxy.address() as { port: number };
  return { url: `https://127.0.0.1:${port}`, opened, close: () => new Promise<void>((closed) => void proxy.close(() => closed())) };
}
