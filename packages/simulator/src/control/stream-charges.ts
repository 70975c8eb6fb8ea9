import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Charge } from '../charge.ts';
import { chargeView } from './charge-view.ts';

const batchSize = 200;

/** `{ "charges": […] }`, written piece by piece: a full book is a hundred megabytes. */
export function streamCharges(res: ServerResponse, charges: readonly Charge[]): void {
  res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  pipeline(Readable.from(chunks(charges)), res).catch(() => res.destroy()); // the reader left
}

function* chunks(charges: readonly Charge[]): Generator<string> {
  yield '{"charges":[';
  for (let start = 0; start < charges.length; start += batchSize) {
    const views = charges.slice(start, start + batchSize).map((charge) => JSON.stringify(chargeView(charge)));
    yield (start === 0 ? '' : ',') + views.join(',');
  }
  yield ']}';
}
