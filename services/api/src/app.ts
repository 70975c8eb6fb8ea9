import express, { type Express } from 'express';
import type { ApiDeps } from './deps.ts';
import { docsPage } from './docs-page.ts';
import { authenticateReader } from './events/authenticate-reader.ts';
import { makeStreamToken } from './events/make-stream-token.ts';
import { snapshot } from './events/snapshot.ts';
import { storeEvents } from './events/stream-events.ts';
import { authenticateClient, requireScope } from './http/authenticate-client.ts';
import { cors } from './http/cors.ts';
import { jsonBody } from './http/json-body.ts';
import { limitClient } from './http/limit-client.ts';
import { openApiDocument } from './http/openapi.ts';
import { handleErrors, notFound } from './http/problem.ts';
import { requestLog } from './http/request-log.ts';
import { listDemoOrders, placeDemoOrder } from './pages/demo-orders.ts';
import { demoPages } from './pages/demo-pages.ts';
import { cancelPayment } from './payments/cancel-payment.ts';
import { checkPayment } from './payments/check-payment.ts';
import { createPayment } from './payments/create-payment.ts';
import { getPayment, getPaymentOfOrder } from './payments/get-payment.ts';
import { getRefund, listRefunds } from './payments/get-refunds.ts';
import { listOwnPayments } from './payments/list-payments.ts';
import { qrImage } from './payments/qr-image.ts';
import { refundPayment } from './payments/refund-payment.ts';
import { getTimeline } from './payments/timeline/get-timeline.ts';
import { controlSimulator } from './simulator/control-simulator.ts';
import { payAtSimulator } from './simulator/pay-at-simulator.ts';
import { receiveWebhook } from './webhooks/receive-webhook.ts';

const largestWebhook = '64kb';

/** Every route with its middleware, in the order they run. The busy ones come first: Express tries them one by one. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by').set('etag', false).set('query parser', 'simple').set('trust proxy', deps.trustProxy);
  app.use(requestLog(deps));
  if (deps.corsOrigins.length > 0) app.use(cors(deps.corsOrigins));

  const caller = [authenticateClient(deps.control), limitClient(deps.clientRequestsPerSecond)];
  app.post('/transaction/payments', caller, requireScope('payments'), jsonBody, createPayment(deps));
  app.get('/transaction/payments', caller, requireScope('payments'), listOwnPayments(deps));
  app.get('/transaction/payments/:paymentId/qr.svg', qrImage(deps, 'svg'));
  app.get('/transaction/payments/:paymentId/qr.png', qrImage(deps, 'png'));
  app.get('/transaction/payments/:paymentId', caller, requireScope('payments'), getPayment(deps));
  app.get('/transaction/payments/:paymentId/timeline', caller, requireScope('payments'), getTimeline(deps));
  app.post('/transaction/payments/:paymentId/check', caller, requireScope('payments'), checkPayment(deps));
  app.post('/transaction/payments/:paymentId/cancel', caller, requireScope('payments'), cancelPayment(deps));
  app.post('/transaction/payments/:paymentId/refunds', caller, requireScope('refunds'), jsonBody, refundPayment(deps));
  app.get('/transaction/payments/:paymentId/refunds', caller, requireScope('refunds'), listRefunds(deps));
  app.get('/transaction/refunds/:refundId', caller, requireScope('refunds'), getRefund(deps));
  app.get('/transaction/orders/:orderId/payment', caller, requireScope('payments'), getPaymentOfOrder(deps));

  const webhooks = express.raw({ type: () => true, limit: largestWebhook, inflate: false });
  app.post('/webhooks/:provider', webhooks, receiveWebhook(deps));
  app.post('/webhooks/:provider/:account', webhooks, receiveWebhook(deps));

  const reader = authenticateReader(deps.control, deps.streamTokens);
  app.get('/stores/:storeId/events', reader, storeEvents(deps));
  app.get('/stores/:storeId/snapshot', reader, snapshot(deps));
  app.post('/stores/:storeId/stream-token', caller, requireScope('events'), makeStreamToken(deps));

  if (deps.simulatorUrl) {
    const { simulatorUrl } = deps;
    app.post('/simulator/payments/:paymentId/pay', caller, jsonBody, payAtSimulator({ ...deps, simulatorUrl }));
    app.use('/simulator/control', caller, jsonBody, controlSimulator({ simulatorUrl }));
    app.get('/demo/orders', caller, listDemoOrders(deps));
    app.post('/demo/orders', caller, jsonBody, placeDemoOrder(deps));
    app.use(demoPages({ simulatorUrl }));
  }

  app.get('/health/live', (_req, res) => void res.json({ live: true }));
  app.get('/health/ready', async (_req, res) => {
    const report = await deps.health.report();
    res.status(report.ready ? 200 : 503).json(report);
  });
  app.get('/openapi.json', (_req, res) => void res.json(openApiDocument(deps)));
  app.use('/docs', docsPage());
  if (deps.operator) app.use('/operator', deps.operator);
  app.use(notFound);
  app.use(handleErrors(deps.log));
  return app;
}
