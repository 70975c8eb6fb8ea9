import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { midtransQr } from '@gateway/simulator/emv-qr';

/**
 * Midtrans at 0 ms: as little as an honest answer takes, in a process of its own, so that what it costs is nobody's. Whoever
 * measures says by `POST /paid` that all charges made so far are paid; `POST /forget` empties the book.
 */
const charges = new Map<string, { amount: number; paid: boolean }>();

const server = createServer((request, response) => void handleRequest(request, response));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ ready: true, port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit());

async function handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '';
  if (request.method === 'GET') return respond(response, status(url.slice('/v2/'.length, -'/status'.length)));
  const body = await textOf(request);
  if (url === '/v2/charge') return respond(response, charge(body));
  if (url === '/paid') for (const each of charges.values()) each.paid = true;
  if (url === '/forget') charges.clear();
  respond(response, {});
}

function charge(body: string): object {
  const { transaction_details: details } = JSON.parse(body) as { transaction_details: { order_id: string; gross_amount: number } };
  charges.set(details.order_id, { amount: details.gross_amount, paid: false });
  const qr = midtransQr('gopay', details.gross_amount, details.order_id);
  return { status_code: '201', ...transaction(details.order_id, details.gross_amount), transaction_status: 'pending', qr_string: qr };
}

function status(id: string): object {
  const reference = id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id;
  const known = charges.get(reference);
  if (!known) return { status_code: '404' };
  const { amount, paid } = known;
  return paid
    ? { status_code: '200', ...transaction(reference, amount), transaction_status: 'settlement', settlement_time: now(), issuer: 'gopay' }
    : { status_code: '201', ...transaction(reference, amount), transaction_status: 'pending' };
}

const idPrefix = 'stub-';

function transaction(reference: string, amount: number): object {
  return {
    transaction_id: idPrefix + reference,
    order_id: reference,
    gross_amount: `${amount}.00`,
    fraud_status: 'accept',
    transaction_time: now(),
  };
}

/** Western Indonesia Time, which is what Midtrans speaks. */
const now = (): string => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

function respond(response: ServerResponse, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((read) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => read(text));
  });
}
