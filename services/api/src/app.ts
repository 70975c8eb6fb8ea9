import type { Health } from '@gateway/shared/runtime';
import express, { type Express, type RequestHandler, type Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { authenticateReader } from './events/authenticate-reader.ts';
import { type CreateStreamTokenDeps, createStreamToken } from './events/create-stream-token.ts';
import { type SnapshotDeps, snapshot } from './events/snapshot.ts';
import { eventReadKind, type StoreEventsDeps, storeEvents } from './events/stream-events.ts';
import { authenticateClient, requireScope } from './http/authenticate-client.ts';
import { refuseInvalidUrl } from './http/clean-input.ts';
import { cors } from './http/cors.ts';
import { type HandleErrorsDeps, handleErrors, notFound } from './http/handle-errors.ts';
import { jsonBody, orderJsonBody } from './http/json-body.ts';
import { createAddressLimit } from './http/limit-address.ts';
import { limitClient } from './http/limit-client.ts';
import { createReadLimits, limitStoreReads, limitTenantReads } from './http/limit-reads.ts';
import { publicHealth } from './http/public-health.ts';
import { refuseAtOnce } from './http/refuse-at-once.ts';
import { type RequestLogDeps, requestLog } from './http/request-log.ts';
import { securityHeaders } from './http/security-headers.ts';
import { inTenantShare } from './http/tenant-share.ts';
import { docsPage } from './openapi/docs-page.ts';
import { openApiDocument } from './openapi/openapi.ts';
import { problemPages } from './openapi/problem-pages.ts';
import { getOrder, listOrders } from './orders/get-orders.ts';
import { type OrderDeps, putOrder } from './orders/put-order.ts';
import { takeTender } from './orders/take-tender.ts';
import { knownTillStore, onlyTill } from './orders/till-caller.ts';
import { voidOrder } from './orders/void-order.ts';
import { refuseOverload } from './payments/admission.ts';
import { type CancelPaymentDeps, cancelPayment } from './payments/cancel-payment.ts';
import { type CheckPaymentDeps, checkPayment } from './payments/check-payment.ts';
import { type CreatePaymentDeps, createPayment } from './payments/create-payment.ts';
import { type GetPaymentDeps, getPayment, getPaymentOfOrder } from './payments/get-payment.ts';
import { type GetRefundsDeps, getRefund, listRefunds } from './payments/get-refunds.ts';
import { type ListPaymentsDeps, listOwnPayments } from './payments/list-payments.ts';
import { type QrImageDeps, qrImage } from './payments/qr-image.ts';
import { type RefundPaymentDeps, refundPayment } from './payments/refund-payment.ts';
import { type GetTimelineDeps, getTimeline } from './payments/timeline/get-timeline.ts';
import type { WebhookEndpointDeps } from './webhook-endpoints/create-endpoint.ts';
import { webhookEndpointRoutes } from './webhook-endpoints/webhook-endpoint-routes.ts';
import { type ReceiveWebhookDeps, receiveWebhook } from './webhooks/receive-webhook.ts';

type RouteDeps = CancelPaymentDeps &
  CheckPaymentDeps &
  CreatePaymentDeps &
  CreateStreamTokenDeps &
  GetPaymentDeps &
  GetRefundsDeps &
  GetTimelineDeps &
  Omit<HandleErrorsDeps, 'addresses'> &
  ListPaymentsDeps &
  OrderDeps &
  Omit<QrImageDeps, 'limitReads'> &
  ReceiveWebhookDeps &
  RefundPaymentDeps &
  RequestLogDeps &
  SnapshotDeps &
  StoreEventsDeps &
  WebhookEndpointDeps;

/** Everything that the routes need. */
export interface ApiDeps extends RouteDeps {
  health: Health;
  /** The routes below `/operator`; null when no operator is configured. */
  operator: Router | null;
  /** The number of our own proxies in front of the api. */
  trustProxy: number;
  /** The base URL of the api, without a slash at its end. */
  publicUrl: string;
  /** For one key in one process. */
  clientRequestsPerSecond: number;
  /** The origins whose pages may call the API from a browser. */
  corsOrigins: readonly string[];
  extraRoutes?: ExtraRoutes | undefined;
}

/** Mounts further routes before health, docs and 404. `caller` authenticates a client key and limits its requests. */
export type ExtraRoutes = (api: ApiDeps & { caller: RequestHandler[] }) => { router: Router; openApiPaths: ZodOpenApiPathsObject };

const maxWebhookSize = '64kb';

/** Every route with its middleware, in the order in which they run. Busy routes come first, because Express tries the routes one by one. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by').set('etag', false).set('query parser', 'simple').set('trust proxy', deps.trustProxy);
  app.use(requestLog(deps), securityHeaders(deps.publicUrl), refuseInvalidUrl);
  const addresses = createAddressLimit(deps.clock);
  if (deps.corsOrigins.length > 0) app.options('/{*path}', addresses.countRequests('preflights'));
  if (deps.corsOrigins.length > 0) app.use(cors(deps.corsOrigins));

  const limitKey = limitClient(deps.clientRequestsPerSecond, deps.clock);
  const limitReads = createReadLimits(deps.clock);
  const caller = [authenticateClient(deps.control), limitKey];
  const bulkhead = inTenantShare(deps.tenantShare);
  const answerError = handleErrors({ ...deps, addresses });
  const beforeBody = refuseAtOnce([...caller, requireScope('payments'), refuseOverload(deps.admission)], answerError);
  app.post('/transaction/payments', beforeBody, orderJsonBody, createPayment(deps));
  const listLimit = limitTenantReads(limitReads, 'payments');
  app.get('/transaction/payments', caller, requireScope('payments'), listLimit, bulkhead(listOwnPayments(deps)));
  app.get('/transaction/payments/:paymentId/qr.svg', qrImage({ ...deps, limitReads }, 'svg'));
  app.get('/transaction/payments/:paymentId/qr.png', qrImage({ ...deps, limitReads }, 'png'));
  app.get('/transaction/payments/:paymentId', caller, requireScope('payments'), bulkhead(getPayment(deps)));
  app.get('/transaction/payments/:paymentId/timeline', caller, requireScope('payments'), bulkhead(getTimeline(deps)));
  const checkLimit = limitTenantReads(limitReads, 'checks');
  app.post('/transaction/payments/:paymentId/check', caller, requireScope('payments'), checkLimit, checkPayment(deps));
  app.post('/transaction/payments/:paymentId/cancel', caller, requireScope('payments'), cancelPayment(deps));
  app.post('/transaction/payments/:paymentId/refunds', caller, requireScope('refunds'), jsonBody, bulkhead(refundPayment(deps)));
  app.get('/transaction/payments/:paymentId/refunds', caller, requireScope('refunds'), bulkhead(listRefunds(deps)));
  app.get('/transaction/refunds/:refundId', caller, requireScope('refunds'), bulkhead(getRefund(deps)));
  app.get('/transaction/orders/:orderId/payment', caller, requireScope('payments'), bulkhead(getPaymentOfOrder(deps)));

  const webhooks = [addresses.refuseEarly('webhooks'), express.raw({ type: () => true, limit: maxWebhookSize, inflate: false })];
  app.post('/webhooks/:provider', webhooks, receiveWebhook(deps));
  app.post('/webhooks/:provider/:account', webhooks, receiveWebhook(deps));

  const knownStore = knownTillStore(deps);
  const till = [caller, requireScope('payments'), onlyTill].flat();
  app.put('/stores/:storeId/orders/:orderId', till, orderJsonBody, putOrder(deps));
  app.get('/stores/:storeId/orders/:orderId', till, knownStore, bulkhead(getOrder(deps)));
  app.delete('/stores/:storeId/orders/:orderId', till, knownStore, voidOrder(deps));
  app.post('/stores/:storeId/orders/:orderId/tenders', till, knownStore, jsonBody, takeTender(deps));
  app.get('/stores/:storeId/orders', till, knownStore, limitTenantReads(limitReads, 'orders'), bulkhead(listOrders(deps)));

  const reader = [authenticateReader(deps.control, deps.streamTokens), limitKey, knownStore];
  app.get('/stores/:storeId/events', reader, limitStoreReads(limitReads, eventReadKind), storeEvents(deps));
  app.get('/stores/:storeId/snapshot', reader, limitStoreReads(limitReads, 'snapshot'), bulkhead(snapshot(deps)));
  const tokenLimit = limitStoreReads(limitReads, 'events');
  app.post('/stores/:storeId/stream-token', caller, requireScope('events'), tokenLimit, knownStore, createStreamToken(deps));

  const endpointLimit = limitTenantReads(limitReads, 'webhooks');
  app.use('/webhook-endpoints', caller, requireScope('webhooks'), endpointLimit, webhookEndpointRoutes(deps, bulkhead));

  const extra = deps.extraRoutes?.({ ...deps, caller });
  if (extra) app.use(extra.router);

  app.use('/health', addresses.countRequests('health'), publicHealth(deps.health));
  app.use(['/openapi.json', '/docs', '/problems'], addresses.countRequests('pages'));
  let openApi: string | undefined; // made once, because it takes longer than all other answers
  app.get('/openapi.json', (_req, res) => {
    openApi ??= JSON.stringify(openApiDocument(deps.publicUrl, extra?.openApiPaths));
    res.type('json').send(openApi);
  });
  app.use('/docs', docsPage());
  app.use('/problems', problemPages());
  if (deps.operator) app.use('/operator', deps.operator);
  app.use(notFound);
  app.use(answerError);
  return app;
}
