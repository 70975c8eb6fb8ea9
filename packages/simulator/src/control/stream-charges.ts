import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Charge } from '../charge.ts';
import { chargeView } from './charge-view.ts';

const batchSize = 200;

/** Answers `{ "charges": […] }` in batches, because a full charge book is a hundred megabytes of JSON. */
export function streamCharges(res: ServerResponse, charges: readonly Charge[]): void {
  res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  pipeline(Readable.from(chunks(charges)), res).catch(() => res.destroy()); // the client disconnected
}

function* chunks(charges: readonly Charge[]): Generator<string> {
  yield '{"charges":[';
  for (let start = 0; start < charges.length; start += batchSize) {
    const views = charges.slice(start, start + batchSize).map((charge) => JSON.stringify(chargeView(charge)));
    yield (start === 0 ? '' : ',') + views.join(',');
  }
  yield ']}';
}
