import { bearer, byId, errorResponses, json } from '@gateway/api';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { createdOrderSchema, demoOrdersSchema, storeQuery } from './orders.ts';
import { payBody } from './simulator-proxy/proxy-pay.ts';

const tags = ['Local stack'];

/** The demo's routes, as they are added to the OpenAPI document of the local stack. */
export const demoPaths: ZodOpenApiPathsObject = {
  '/simulator/payments/{payment_id}/pay': {
    post: {
      operationId: 'payAtSimulator',
      tags,
      summary: 'The guest scans and pays (local stack only)',
      security: bearer('payments'),
      requestParams: { path: byId },
      requestBody: { content: { 'application/json': { schema: payBody } } },
      responses: { 200: json('Paid at the simulator', z.looseObject({})), ...errorResponses('payment_not_found', 'qr_gone') },
    },
  },
  '/simulator/control/{control}': {
    get: {
      operationId: 'readSimulatorControl',
      tags,
      summary: "The simulator's own controls (local stack only)",
      description: 'GET, POST and DELETE, as its README lists them: faults, dropped webhooks, late payments and false webhooks.',
      security: bearer('payments'),
      requestParams: { path: z.object({ control: z.string().meta({ example: 'charges' }) }) },
      responses: { 200: json('Response of the simulator', z.looseObject({})), ...errorResponses('not_found') },
    },
  },
  '/demo/orders': {
    get: {
      operationId: 'listDemoOrders',
      tags,
      summary: 'Open orders of the demo POS (local stack only)',
      security: bearer('payments'),
      requestParams: { query: storeQuery },
      responses: { 200: json('Newest first', demoOrdersSchema), ...errorResponses() },
    },
    post: {
      operationId: 'createDemoOrder',
      tags,
      summary: 'Create a demo order (local stack only)',
      security: bearer('payments'),
      requestBody: { content: { 'application/json': { schema: storeQuery } } },
      responses: {
        201: json('An order that can be made payable', createdOrderSchema),
        ...errorResponses('store_not_found'),
      },
    },
  },
};
