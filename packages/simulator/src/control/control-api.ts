import express, { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import { ZodError, z } from 'zod';
import { normalisedStatus, providerNames } from '../charge.ts';
import { UnknownCharge } from '../controls.ts';
import { deliverySettings } from '../delivery-rules.ts';
import { faultNames, faultRule } from '../faults.ts';
import { ActionNotPossible, forgeable } from '../payer-actions.ts';
import { qrImage } from '../qr-image.ts';
import type { SimulatorParts } from '../simulator.ts';
import { chargeView } from './charge-view.ts';
import { streamCharges } from './stream-charges.ts';

const oneDayMs = 86_400_000;

const payBody = z.strictObject({
  issuer: z.string().min(1).max(64).default('dana'),
  amount: z.number().int().min(1).max(1_000_000_000).nullable().default(null),
  deliveries: z.number().int().min(1).max(100).default(1),
  delay_ms: z.number().min(0).max(oneDayMs).default(0),
});
const forgeBody = z.strictObject({ status: z.enum(forgeable).default('paid') });
const clockBody = z.strictObject({
  speed: z.number().min(0).max(1_000_000).optional(),
  advance_ms: z
    .number()
    .min(0)
    .max(400 * oneDayMs)
    .optional(),
});
const limit = z.coerce.number().int().min(1).optional();
const chargesQuery = z.strictObject({
  reference: z.string().optional(),
  status: z.enum(['pending', 'paid', 'expired', 'cancelled', 'failed', 'partially_refunded', 'refunded']).optional(),
  limit,
});
const callsQuery = z.strictObject({
  since: z.coerce.number().int().min(0).optional(),
  operation: z.enum(['create', 'status', 'cancel', 'refund', 'other']).optional(),
  provider: z.enum(providerNames).optional(),
  reference: z.string().optional(),
  limit,
});
const providerParam = z.enum(providerNames);

/** `/control/…`: the hands of the world outside the providers. Source of the routes: the README's table. */
export function controlApi({ controls, fakes, book, callLog, clock, switches }: SimulatorParts): Router {
  const router = Router();
  const fakeOf = (req: Request) => fakes[providerParam.parse(req.params.provider)];
  const reference = (req: Request): string => String(req.params.reference);
  router.use(refuseOtherSites, express.json({ type: () => true, limit: '64kb' }));

  router.get('/', (_req, res) => {
    res.json({
      clock: { now: new Date(clock.now()).toISOString(), speed: clock.speed },
      charges: { kept: book.size, dropped: book.dropped },
      calls: { total: callLog.total, counts: callLog.counts() },
      fault_names: faultNames,
      providers: Object.fromEntries(
        Object.values(fakes).map(({ name, faults, deliveryRules, sender, accounts }) => [
          name,
          {
            accounts: accounts(),
            faults: faults.rules,
            travel: deliveryRules.settings,
            webhooks: { underway: sender.underway, lost: sender.lost },
          },
        ]),
      ),
    });
  });

  router.get('/charges', (req, res) => {
    const query = chargesQuery.parse(req.query);
    const charges = book.newestFirst(query.reference);
    const selected = query.status === undefined ? charges : charges.filter((charge) => normalisedStatus(charge) === query.status);
    streamCharges(res, selected.slice(0, query.limit));
  });
  router.get('/charges/:reference/qr.png', (req, res) => {
    const { qrString } = controls.charge(reference(req));
    if (qrString === null) throw new ActionNotPossible('no_qr', 'this charge was denied: it has no QR');
    res.type('png').send(qrImage(qrString));
  });
  router.post('/charges/:reference/pay', (req, res) => {
    const { delay_ms, ...body } = payBody.parse(req.body ?? {});
    res.json(chargeView(controls.pay(reference(req), { ...body, delayMs: delay_ms })));
  });
  router.post('/charges/:reference/expire', (req, res) => void res.json(chargeView(controls.expire(reference(req)))));
  router.post('/charges/:reference/fail', (req, res) => void res.json(chargeView(controls.fail(reference(req)))));
  router.post('/charges/:reference/claim', (req, res) => {
    const { status } = forgeBody.parse(req.body ?? {});
    res.status(202).json(chargeView(controls.forge(reference(req), status)));
  });

  router.get('/calls', (req, res) => {
    const calls = callLog.list(callsQuery.parse(req.query)).map((call) => ({ ...call, at: new Date(call.at).toISOString() }));
    res.json({ calls, counts: callLog.counts(), last_seq: callLog.total });
  });

  router.get('/switches', (_req, res) => void res.json(switches.now));
  router.post('/switches', (req, res) => {
    controls.setSwitches(req.body ?? {});
    res.json(switches.now);
  });
  router.delete('/switches', (_req, res) => {
    switches.reset();
    res.json(switches.now);
  });

  router.post('/clock', (req, res) => {
    const { speed, advance_ms } = clockBody.parse(req.body ?? {});
    if (speed !== undefined) clock.setSpeed(speed);
    if (advance_ms !== undefined) clock.advance(advance_ms);
    res.json({ now: new Date(clock.now()).toISOString(), speed: clock.speed });
  });

  router.post('/reset', (_req, res) => {
    controls.reset();
    res.json({ reset: true });
  });

  router.get('/:provider/faults', (req, res) => void res.json({ faults: fakeOf(req).faults.rules }));
  router.post('/:provider/faults', (req, res) => {
    const { name } = fakeOf(req);
    res.status(201).json({ faults: controls.addFault(name, faultRule.parse(req.body ?? {})) });
  });
  router.delete('/:provider/faults', (req, res) => {
    const operation = req.query.operation;
    controls.clearFaults(fakeOf(req).name, typeof operation === 'string' ? operation : undefined);
    res.json({ faults: fakeOf(req).faults.rules });
  });

  router.get('/:provider/webhooks', (req, res) => void res.json(fakeOf(req).deliveryRules.settings));
  router.post('/:provider/webhooks', (req, res) => {
    controls.setDeliveryRules(fakeOf(req).name, deliverySettings.parse(req.body ?? {}));
    res.json(fakeOf(req).deliveryRules.settings);
  });

  router.get('/:provider/accounts', (req, res) => void res.json({ accounts: fakeOf(req).accounts() }));
  router.put('/:provider/accounts/:id', (req, res) => {
    fakeOf(req).putAccount(String(req.params.id), req.body ?? {});
    res.json({ accounts: fakeOf(req).accounts() });
  });

  router.use((req, res) => problem(res, 404, 'unknown_control', `unknown control ${req.method} /control${req.path}`));
  router.use(handleErrors);
  return router;
}

/** A page of another site must not be able to play with somebody's simulator through their browser. */
function refuseOtherSites(req: Request, res: Response, next: () => void): void {
  const site = req.get('sec-fetch-site');
  if (site === undefined || site === 'same-origin' || site === 'none') next();
  else problem(res, 403, 'other_site', 'requests from pages of other sites are refused');
}

const handleErrors: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  if (error instanceof UnknownCharge) return problem(res, 404, 'charge_not_found', error.message);
  if (error instanceof ActionNotPossible) return problem(res, 409, error.code, error.message);
  if (error instanceof ZodError) return problem(res, 400, 'not_understood', z.prettifyError(error));
  const status = error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  problem(res, status, status < 500 ? 'not_understood' : 'internal', error instanceof Error ? error.message : String(error));
};

function problem(res: Response, status: number, error: string, message: string): void {
  res.status(status).json({ error, message });
}
