import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Charge } from '../charge.ts';
import { chargeView } from './charge-view.ts';

const atOnce = 200;

/** `{ "charges": […] }`, written piece by piece: a full book is a hundred megabytes. */
export function streamCharges(res: ServerResponse, charges: readonly Charge[]): void {
  res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  pipeline(Readable.from(pieces(charges)), res).catch(() => res.destroy()); // the reader left
}

function* pieces(charges: readonly Charge[]): Generator<string> {
  yield '{"charges":[';
  for (let at = 0; at < charges.length; at += atOnce) {
    const views = charges.slice(at, at + atOnce).map((charge) => JSON.stringify(chargeView(charge)));
    yield (at === 0 ? '' : ',') + views.join(',');
  }
  yield ']}';
}
