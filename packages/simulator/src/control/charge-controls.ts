import { type Request, Router } from 'express';
import { z } from 'zod';
import { ActionNotPossible } from '../action-not-possible.ts';
import { normalisedStatus } from '../charge.ts';
import type { SimulatorParts } from '../controls.ts';
import { forgeable } from '../payer-actions.ts';
import { qrImage } from '../qr-image.ts';
import { chargeView } from './charge-view.ts';
import { streamCharges } from './stream-charges.ts';
import { wholeNumber } from './whole-number.ts';

const oneDayMs = 86_400_000;

const payBody = z.strictObject({
  issuer: z.string().min(1).max(64).default('dana'),
  amount: z.number().int().min(1).max(1_000_000_000).nullable().default(null),
  deliveries: z.number().int().min(1).max(100).default(1),
  delay_ms: z.number().min(0).max(oneDayMs).default(0),
});
const refundBody = z.strictObject({
  amount: z.number().int().min(1).max(1_000_000_000).optional(),
  reference: z.string().max(64).nullable().default(null),
});
const forgeBody = z.strictObject({ status: z.enum(forgeable).default('paid') });
const chargesQuery = z.strictObject({
  reference: z.string().optional(),
  status: z.enum(['pending', 'paid', 'expired', 'cancelled', 'failed', 'partially_refunded', 'refunded']).optional(),
  limit: wholeNumber.optional(),
});

const referenceOf = (req: Request): string => String(req.params.reference);

/** The routes below `/control/charges`. */
export function chargeControls({ controls, book }: SimulatorParts): Router {
  const router = Router();
  router.get('/', (req, res) => {
    const { reference, status, limit } = chargesQuery.parse(req.query);
    const charges = book.newestFirst(reference);
    const selected = status === undefined ? charges : charges.filter((charge) => normalisedStatus(charge) === status);
    streamCharges(res, selected.slice(0, limit));
  });
  router.get('/:reference/qr.png', (req, res) => {
    const { qrString } = controls.charge(referenceOf(req));
    if (qrString === null) throw new ActionNotPossible('no_qr', 'this charge was denied: it has no QR');
    res.type('png').send(qrImage(qrString));
  });
  router.post('/:reference/pay', (req, res) => {
    const { delay_ms, ...body } = payBody.parse(req.body ?? {});
    res.json(chargeView(controls.pay(referenceOf(req), { ...body, delayMs: delay_ms })));
  });
  router.post('/:reference/expire', (req, res) => void res.json(chargeView(controls.expire(referenceOf(req)))));
  router.post('/:reference/fail', (req, res) => void res.json(chargeView(controls.fail(referenceOf(req)))));
  router.post('/:reference/refund', (req, res) => {
    const { amount, reference } = refundBody.parse(req.body ?? {});
    const options = { refundReference: reference, ...(amount === undefined ? {} : { amount }) };
    res.json(chargeView(controls.refund(referenceOf(req), options)));
  });
  router.post('/:reference/reverse', (req, res) => void res.json(chargeView(controls.reverse(referenceOf(req)))));
  router.post('/:reference/claim', (req, res) => {
    const { status } = forgeBody.parse(req.body ?? {});
    res.status(202).json(chargeView(controls.forge(referenceOf(req), status)));
  });
  return router;
}
