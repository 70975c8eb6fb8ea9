import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { midtransQr } from '@gateway/simulator/emv-qr';

/**
 * A stub of Midtrans that answers at once, with as little work as possible. It is a process of its own, so that its CPU time is not
 * counted for a system. `POST /paid` marks all charges as paid; `POST /forget` removes them.
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
    ? {
        status_code: '200',
        ...transaction(reference, amount),
        transaction_status: 'settlement',
        settlement_time: wibNow(),
        issuer: 'gopay',
      }
    : { status_code: '201', ...transaction(reference, amount), transaction_status: 'pending' };
}

const idPrefix = 'stub-';

function transaction(reference: string, amount: number): object {
  return {
    transaction_id: idPrefix + reference,
    order_id: reference,
    gross_amount: `${amount}.00`,
    fraud_status: 'accept',
    transaction_time: wibNow(),
  };
}

/** The current Western Indonesia Time in Midtrans' format. */
const wibNow = (): string => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

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
