import express, { Router } from 'express';
import { z } from 'zod';
import { providerNames } from '../charge.ts';
import type { SimulatorParts } from '../controls.ts';
import { faultNames } from '../faults.ts';
import { chargeControls } from './charge-controls.ts';
import { handleErrors, problem, refuseOtherSites } from './control-errors.ts';
import { providerControls } from './provider-controls.ts';
import { wholeNumber } from './whole-number.ts';

const oneDayMs = 86_400_000;

const clockBody = z.strictObject({
  speed: z.number().min(0).max(1_000_000).optional(),
  advance_ms: z
    .number()
    .min(0)
    .max(400 * oneDayMs)
    .optional(),
});
const callsQuery = z.strictObject({
  since: wholeNumber.optional(),
  operation: z.enum(['create', 'status', 'cancel', 'refund', 'other']).optional(),
  provider: z.enum(providerNames).optional(),
  reference: z.string().optional(),
  limit: wholeNumber.optional(),
});

/** The routes below `/control`. The table "Controls" of the README describes them. */
export function controlApi(parts: SimulatorParts): Router {
  const { controls, callLog, clock, switches } = parts;
  const router = Router();
  router.use(refuseOtherSites, express.json({ type: () => true, limit: '64kb' }));
  router.get('/', (_req, res) => void res.json(stateView(parts)));
  router.use('/charges', chargeControls(parts));

  router.get('/calls', (req, res) => {
    const calls = callLog.list(callsQuery.parse(req.query)).map((call) => ({ ...call, at: new Date(call.at).toISOString() }));
    res.json({ calls, counts: callLog.counts(), last_seq: callLog.total });
  });

  router.get('/switches', (_req, res) => void res.json(switches.current));
  router.post('/switches', (req, res) => {
    controls.setSwitches(req.body ?? {});
    res.json(switches.current);
  });
  router.delete('/switches', (_req, res) => {
    switches.reset();
    res.json(switches.current);
  });

  router.post('/clock', (req, res) => {
    const { speed, advance_ms } = clockBody.parse(req.body ?? {});
    if (speed !== undefined) clock.setSpeed(speed);
    if (advance_ms !== undefined) clock.advance(advance_ms);
    res.json(clockView(parts));
  });

  router.post('/reset', (_req, res) => {
    controls.reset();
    res.json({ reset: true });
  });

  router.use('/:provider', providerControls(parts));
  router.use((req, res) => problem(res, 404, 'unknown_control', `unknown control ${req.method} /control${req.path}`));
  router.use(handleErrors);
  return router;
}

const clockView = ({ clock }: SimulatorParts): object => ({ now: new Date(clock.now()).toISOString(), speed: clock.speed });

function stateView(parts: SimulatorParts): object {
  const { fakes, book, callLog } = parts;
  return {
    clock: clockView(parts),
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
  };
}
