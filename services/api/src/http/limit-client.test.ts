import net from 'node:net';
import { text } from 'node:stream/consumers';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import supertest from 'supertest';
import { Problem } from './problem.ts';

const refuse = () => {
  throw new Problem('rate_limited', 'The gateway is overloaded.', { retryAfter: 1 });
};

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ clientRequestsPerSecond: 5, admission: { refuseEarly: refuse, admit: refuse } });
});
afterAll(() => api.close());

const get = (key: string) => supertest(api.url).get('/transaction/payments/none').set('authorization', `Bearer ${key}`);

describe('a key that sends too many requests', () => {
  it('is answered 429 with Retry-After, and other keys are not limited', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(api.key)));
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(10); // a new second may have begun
    expect(limited[0]?.body.code).toBe('rate_limited');
    expect(limited[0]?.headers['retry-after']).toBe('1');
    const { secret } = await api.keyFor({});
    expect((await get(secret)).status).toBe(404);
  });
});

describe('a create that would wait too long', () => {
  /** Sends the head of a create, never its body, and receives the answer. */
  const answerToHead = async (key: string): Promise<string> => {
    const socket = net.connect(api.port, '127.0.0.1');
    const head = ['POST /transaction/payments HTTP/1.1', 'Host: gateway.test', `Authorization: Bearer ${key}`, 'X-Request-Id: till-7'];
    socket.write([...head, 'Content-Type: application/json', 'Content-Length: 100', 'Connection: close', '', ''].join('\r\n'));
    return text(socket);
  };

  it('is refused before its body is read, as a problem with Retry-After and the request id, and an unknown key is not told', async () => {
    const { secret } = await api.keyFor({});
    const answer = await answerToHead(secret);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual(
      expect.arrayContaining([
        'HTTP/1.1 429 Too Many Requests',
        'Content-Type: application/problem+json; charset=utf-8',
        'Retry-After: 1',
        'X-Request-Id: till-7',
        'X-Content-Type-Options: nosniff',
      ]),
    );
    expect(JSON.parse(body)).toMatchObject({ code: 'rate_limited', status: 429, request_id: 'till-7' });
    expect(await answerToHead('sk_test_unknown_key')).toContain('HTTP/1.1 401');
  });
});
