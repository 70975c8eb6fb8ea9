import { PassThrough } from 'node:stream';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { appendEvents, aStoreOf, runRelay } from '@gateway/testing/relay/event-fixtures';
import { type Receiver, startReceiver } from '@gateway/testing/webhooks/receiver';
import { Webhook } from 'standardwebhooks';
import { runCli } from '../cli.ts';
import { listenCommand } from './listen-command.ts';

let api: ApiHarness;
let receiver: Receiver;
beforeAll(async () => {
  api = await startApiHarness();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await api.close();
});

function listen(...args: string[]) {
  const lines: string[] = [];
  const stopping = new AbortController();
  const out = new PassThrough();
  out.on('data', (text: Buffer) => lines.push(text.toString().trim()));
  const env = { GATEWAY_URL: api.url, GATEWAY_API_KEY: api.key };
  const ended = runCli('npm run listen --', [listenCommand((line) => lines.push(line), stopping.signal)], args, {
    env,
    in: new PassThrough(),
    out,
    err: out,
  });
  return { lines, ended, stop: () => stopping.abort() };
}
async function happen(store: string, count: number) {
  await appendEvents(api.db, store, { count });
  await runRelay(api.db, api.redis);
}

describe('npm run listen', () => {
  it('forwards each event once, signed with the secret that it prints, also over a restart of the gateway', async () => {
    const store = await aStoreOf(api.db, api.tenant, 'LISTEN-1');
    await happen(store, 1); // before the start
    const secret = listen('--print-secret');
    await secret.ended;
    const running = listen('--forward-to', receiver.url, '--store', store, '--events', 'payment.paid');
    await eventually(() => running.lines.some((line) => line.startsWith('Forwarding events of LISTEN-1')));
    await happen(store, 2);
    await receiver.waitsFor(2);
    await api.restart();
    await happen(store, 2);
    await receiver.waitsFor(4);
    await eventually(() => running.lines.filter((line) => line.endsWith('→ 204')).length === 4);
    running.stop();
    expect(await running.ended).toBe(0);
    expect(receiver.events().map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
    for (const { body, headers } of receiver.received)
      expect(new Webhook(secret.lines[0] ?? '').verify(body, headers as Record<string, string>)).toMatchObject({ store_id: store });
  });

  it('says what it needs', async () => {
    const running = listen('--forward-to', 'hook');
    expect(await running.ended).toBe(1);
    expect(running.lines.join()).toContain('--forward-to must be a URL');
  });
});
