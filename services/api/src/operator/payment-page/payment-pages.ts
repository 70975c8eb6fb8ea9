import express, { type Router } from 'express';
import { Problem } from '../../http/problem.ts';
import { actionsOfPayment } from '../actions/payment-actions.ts';
import type { View } from '../layout/view.ts';
import type { PageTools } from '../page-tools.ts';
import { callsPage, evidencePage, type LocalView } from './evidence-pages.ts';
import { paymentPage } from './payment-page.ts';
import { factsOf, readPayment } from './read-payment.ts';

/** The page of one payment, and those of its evidence. */
export function paymentPages(tools: PageTools): Router {
  const { page } = tools;
  const found = <T>({ texts }: View, read: T | null): T => {
    if (read === null) throw new Problem('payment_not_found', texts.noSuchPayment);
    return read;
  };
  const localView =
    (view: View): LocalView =>
    (payment) => ({ ...view, timeZone: view.zoneOf(payment) });
  const router = express.Router();
  router.get(
    '/payments/:paymentId',
    page(async (view, req) => {
      const facts = found(view, await readPayment(tools, String(req.params.paymentId), factsOf));
      const local = localView(view)(facts.payment);
      return paymentPage(local, facts, actionsOfPayment(local, facts));
    }),
  );
  router.get(
    '/payments/:paymentId/calls',
    page(async (view, { params, query }) =>
      found(view, await callsPage(localView(view), tools, String(params.paymentId), String(query.before ?? ''))),
    ),
  );
  router.get(
    '/payments/:paymentId/evidence/:name',
    page(async (view, { params }) => found(view, await evidencePage(view, tools, String(params.paymentId), String(params.name)))),
  );
  return router;
}
