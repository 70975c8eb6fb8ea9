import { type Request, Router } from 'express';
import { z } from 'zod';
import { providerNames } from '../charge.ts';
import type { SimulatorParts } from '../controls.ts';
import { deliverySettings } from '../delivery-rules.ts';
import { faultRule } from '../faults.ts';

const providerParam = z.enum(providerNames);

/** The routes below `/control/{provider}`: faults, webhook delivery and accounts of one provider. */
export function providerControls({ controls, fakes }: SimulatorParts): Router {
  const router = Router({ mergeParams: true });
  const fakeOf = (req: Request) => fakes[providerParam.parse(req.params.provider)];

  router.get('/faults', (req, res) => void res.json({ faults: fakeOf(req).faults.rules }));
  router.post('/faults', (req, res) => {
    const { name } = fakeOf(req);
    res.status(201).json({ faults: controls.addFault(name, faultRule.parse(req.body ?? {})) });
  });
  router.delete('/faults', (req, res) => {
    const { name, faults } = fakeOf(req);
    const { operation } = req.query;
    controls.clearFaults(name, typeof operation === 'string' ? operation : undefined);
    res.json({ faults: faults.rules });
  });

  router.get('/webhooks', (req, res) => void res.json(fakeOf(req).deliveryRules.settings));
  router.post('/webhooks', (req, res) => {
    const { name, deliveryRules } = fakeOf(req);
    controls.setDeliveryRules(name, deliverySettings.parse(req.body ?? {}));
    res.json(deliveryRules.settings);
  });

  router.get('/accounts', (req, res) => void res.json({ accounts: fakeOf(req).accounts() }));
  router.put('/accounts/:id', (req, res) => {
    const { putAccount, accounts } = fakeOf(req);
    putAccount(String(req.params.id), req.body ?? {});
    res.json({ accounts: accounts() });
  });
  return router;
}
