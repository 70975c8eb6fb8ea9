import { ProviderMisconfigured, ProviderOutcomeUnknown, ProviderUnavailable } from '@gateway/shared/provider';
import { inSequence, json, reply, type Script } from '../scripted-server.ts';
import { type Operation, operations, type ProviderHarness } from './harness.ts';
import { expectNoCanary, outcomeOf, request, startScripted } from './requests.ts';

const html = '<html><head><title>502 Bad Gateway</title></head><body>CANARY</body></html>';

/** Broken answers, and the class of error that each becomes (docs/providers.md 6). */
const brokenAnswers: readonly [
  string,
  Script,
  typeof ProviderOutcomeUnknown | typeof ProviderUnavailable | typeof ProviderMisconfigured,
][] = [
  ['no answer', () => {}, ProviderOutcomeUnknown],
  ['a reset', (socket) => socket.resetAndDestroy(), ProviderOutcomeUnknown],
  ['a closed connection', (socket) => socket.end(), ProviderOutcomeUnknown],
  ['half an answer', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"CANARY'), ProviderOutcomeUnknown],
  ['something that is not HTTP', (socket) => socket.end('CANARY\r\n\r\n'), ProviderOutcomeUnknown],
  ['more than 1 MiB', reply(200, `{"CANARY":"${'x'.repeat(1024 * 1024)}"}`), ProviderOutcomeUnknown],
  ['HTML on 200', reply(200, html, { 'content-type': 'text/html' }), ProviderOutcomeUnknown],
  ['HTML on 502', reply(502, html, { 'content-type': 'text/html' }), ProviderOutcomeUnknown],
  ['HTML on 404', reply(404, html, { 'content-type': 'text/html' }), ProviderOutcomeUnknown],
  ['500', reply(500, ''), ProviderOutcomeUnknown],
  ['503', json(503, { message: 'CANARY' }), ProviderOutcomeUnknown],
  ['504', reply(504, 'CANARY'), ProviderOutcomeUnknown],
  ['a redirect', reply(302, '', { location: 'http://127.0.0.1:1/CANARY' }), ProviderOutcomeUnknown],
  ['an empty 200', reply(200, ''), ProviderOutcomeUnknown],
  ['an empty object', json(200, {}), ProviderOutcomeUnknown],
  ['an array', json(200, ['CANARY']), ProviderOutcomeUnknown],
  ['half a JSON', reply(201, '{"status_code": "201", "qr_string": "CANARY'), ProviderOutcomeUnknown],
  ['an unknown status', json(299, { CANARY: true }), ProviderOutcomeUnknown],
  ['401', reply(401, ''), ProviderMisconfigured],
  ['403', reply(403, html), ProviderMisconfigured],
  ['429', reply(429, 'CANARY'), ProviderUnavailable],
];

/** Every operation, against every way in which an answer can be missing or broken. */
export function failures(harness: ProviderHarness): void {
  let scripted: Awaited<ReturnType<typeof startScripted>>;
  beforeEach(async () => {
    scripted = await startScripted(harness);
  });
  afterEach(() => scripted.close());

  const before = (operation: Operation) => harness.responses.before[operation] ?? [];

  describe.each(operations)('%s', (operation) => {
    it.each(brokenAnswers)('classifies %s', async (what, script, errorClass) => {
      scripted.server.script = inSequence(...before(operation), script);
      const signal = what === 'no answer' ? AbortSignal.timeout(100) : undefined;
      const outcome = await outcomeOf(request(scripted.provider, operation, signal));
      expect(outcome).toBeInstanceOf(errorClass);
      expect(scripted.server.received).toHaveLength(before(operation).length + 1); // no retry, no other call
      expect(scripted.written.lines).toHaveLength(before(operation).length + 1);
      expectNoCanary(outcome, scripted.written.text());
    });

    it('is ProviderUnavailable when the connection is refused', async () => {
      await scripted.server.close();
      const outcome = await outcomeOf(request(scripted.provider, operation));
      expect(outcome).toMatchObject({ constructor: ProviderUnavailable, reason: 'refused' });
    });

    it('is not sent when the caller has aborted already', async () => {
      const outcome = await outcomeOf(request(scripted.provider, operation, AbortSignal.abort()));
      expect(outcome).toMatchObject({ constructor: ProviderUnavailable, reason: 'aborted' });
      expect(scripted.server.connections).toBe(0);
    });

    it('is not sent after close', async () => {
      await scripted.provider.close();
      expect(await outcomeOf(request(scripted.provider, operation))).toMatchObject({ constructor: ProviderUnavailable, reason: 'closed' });
    });

    it.each(['', ' ', 'a b', 'a\nb'])('is not sent with the secret key %j', async (secretKey) => {
      const provider = harness.create({ ...harness.account(scripted.server.url), secretKey }, scripted.written.log);
      expect(await outcomeOf(request(provider, operation))).toMatchObject({ constructor: ProviderMisconfigured, reason: 'secret_key' });
      expect(scripted.server.connections).toBe(0);
      await provider.close();
    });
  });

  it('a refund whose lookup of an earlier one fails has moved no money', async () => {
    scripted.server.script = (socket) => socket.resetAndDestroy();
    expect(await outcomeOf(request(scripted.provider, 'refundCharge'))).toBeInstanceOf(ProviderUnavailable);
    expect(scripted.server.received.map(({ method }) => method)).toEqual(['GET']);
  });
}
