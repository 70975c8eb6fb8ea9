import express, { type RequestHandler, type Router } from 'express';
import { jsonBody } from '../http/json-body.ts';
import { changeEndpoint, deleteEndpoint, rotateSecret } from './change-endpoint.ts';
import { createEndpoint, type WebhookEndpointDeps } from './create-endpoint.ts';
import { listDeliveries, recoverEndpoint, testEndpoint } from './endpoint-deliveries.ts';
import { getEndpoint, listEndpoints } from './read-endpoints.ts';

/** The routes below `/webhook-endpoints`. @param inShare runs a handler in the database share of its tenant */
export function webhookEndpointRoutes(deps: WebhookEndpointDeps, inShare: (handler: RequestHandler) => RequestHandler): Router {
  const router = express.Router();
  router.post('/', jsonBody, inShare(createEndpoint(deps)));
  router.get('/', inShare(listEndpoints(deps)));
  router.get('/:endpointId', inShare(getEndpoint(deps)));
  router.patch('/:endpointId', jsonBody, inShare(changeEndpoint(deps)));
  router.delete('/:endpointId', inShare(deleteEndpoint(deps)));
  router.post('/:endpointId/rotate-secret', inShare(rotateSecret(deps)));
  router.post('/:endpointId/test', inShare(testEndpoint(deps)));
  router.get('/:endpointId/deliveries', inShare(listDeliveries(deps)));
  router.post('/:endpointId/recover', jsonBody, inShare(recoverEndpoint(deps)));
  return router;
}
