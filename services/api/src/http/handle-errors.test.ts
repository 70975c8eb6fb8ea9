import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createLogger, manualClock } from '@gateway/shared/runtime';
import { eventually } from '@gateway/testing/eventually';
import express from 'express';
import { handleErrors } from './handle-errors.ts';
import { jsonBody } from './json-body.ts';
import { createAddressLimit } from './limit-address.ts';

it('a caller that ends the connection in the middle of a body has made a bad request, and its host is not suspected', async () => {
  const [suspected, statuses]: [string[], number[]] = [[], []];
  const app = express();
  app.use((_req, res, next) => {
    res.locals.client = { host: 'pos' };
    res.once('close', () => statuses.push(res.statusCode));
    next();
  });
  app.post('/', jsonBody);
  const hosts = { suspect: (host: string) => void suspected.push(host) };
  const security = { record: () => {}, flush: () => {} };
  const addresses = createAddressLimit(manualClock());
  app.use(handleErrors({ log: createLogger('test', 'silent'), security, addresses, publicUrl: 'http://gateway.test', hosts }));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));

  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"order_id":');
  await new Promise((received) => server.once('request', received));
  socket.destroy();

  await eventually(() => statuses.length > 0);
  expect({ statuses, suspected }).toEqual({ statuses: [400], suspected: [] });
  await new Promise((closed) => server.close(closed));
});
