import { type ExtraRoutes, jsonBody, requireScope } from '@gateway/api';
import { Router } from 'express';
import { demoPaths } from './openapi-demo.ts';
import { createDemoOrder, listDemoOrders } from './orders.ts';
import { demoPages } from './pages.ts';
import { proxyControls } from './simulator-proxy/proxy-controls.ts';
import { proxyPay } from './simulator-proxy/proxy-pay.ts';

/** The routes that only the local stack has: the pages, and the demo orders and simulator controls behind a client key. */
export const demoRoutes =
  (simulatorUrl: string): ExtraRoutes =>
  ({ hosts, caller }) => {
    const router = Router();
    const till = [...caller, requireScope('payments')];
    router.post('/simulator/payments/:paymentId/pay', till, jsonBody, proxyPay({ hosts, simulatorUrl }));
    router.use('/simulator/control', till, jsonBody, proxyControls({ simulatorUrl }));
    router.get('/demo/orders', till, listDemoOrders({ hosts }));
    router.post('/demo/orders', till, jsonBody, createDemoOrder({ hosts }));
    router.use(demoPages({ simulatorUrl }));
    return { router, openApiPaths: demoPaths };
  };
