import type { Loot } from './loot.ts';
import type { Choices } from './seeded.ts';

/** Bytes that no HTTP library sends, and how the connection goes on after them. */
export interface RawRequest {
  bytes: Buffer;
  /** `close`: waits for the end; `half-open`: sends no more, and reads on; `cut`: breaks the connection; `slow`: a byte now and then. */
  ending: 'close' | 'half-open' | 'cut' | 'slow';
}

/** What is in the shadow of another request. The key is not valid, so an answer with 200 means that the parser was deceived. */
const shadow = 'GET /transaction/payments HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer sk_live_forged\r\nConnection: close\r\n\r\n';

const heads: readonly ((choices: Choices) => string)[] = [
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${shadow}`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: ${shadow.length}\r\n\r\n${shadow}`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nContent-Length: 0, ${shadow.length}\r\n\r\n${shadow}`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n${shadow}`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${shadow}`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${shadow}`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked\r\n\r\nffffffffffffffff1\r\nx\r\n0\r\n\r\n${shadow}`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${shadow}`,
  () => `POST /webhooks/midtrans HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n${shadow}`,
  () => `POST /webhooks/midtrans HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n${shadow}`,
  () => `GET /transaction/payments HTTP/1.1\nHost: a\nX: y\n z\nConnection: close\n\n${shadow}`,
  () => `GET /transaction/payments HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n`,
  () => `GET /transaction/payments HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
  () => `GET /transaction/payments HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
  () => `GET http://127.0.0.1/transaction/payments HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n`,
  () => `CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: a\r\n\r\n`,
  () => `GET /transaction/payments HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Key: x\r\n\r\n`,
  () => `POST /transaction/payments HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`,
  () => `GET /transaction/payments HTTP/9.9\r\nHost: a\r\n\r\n`,
  () => 'GET /transaction/payments\r\n\r\n',
  () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  () => `GET /transaction/payments HTTP/1.1\r\n\r\n`,
  () => `GET  /transaction/payments  HTTP/1.1\r\nHost: a\r\n\r\n`,
  () => `OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  () => shadow.repeat(20),
  (choices) => shadow.slice(0, choices.below(shadow.length)),
  (choices) => choices.token(choices.below(3_000)),
];

export function rawRequestOf(loot: Loot, choices: Choices): RawRequest {
  if (choices.chance(0.7)) {
    const bytes = Buffer.from(choices.pick(heads)(choices), 'latin1');
    return { bytes, ending: choices.pick(['close', 'half-open', 'cut'] as const) };
  }
  // With a valid key, so that the body is waited for.
  const [path, key] = choices.pick([
    ['POST /transaction/payments', choices.pick(loot.keys)],
    ['PUT /stores/HOSTILE/orders/torn', loot.tillKey],
    ['POST /webhooks/midtrans', 'none'],
  ] as const);
  const head = `${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n`;
  return { bytes: Buffer.from(`${head}{"order_id":`), ending: choices.pick(['half-open', 'cut', 'slow'] as const) };
}
