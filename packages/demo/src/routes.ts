import { type ExtraRoutes, jsonBody } from '@gateway/api';
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
    router.post('/simulator/payments/:paymentId/pay', caller, jsonBody, proxyPay({ hosts, simulatorUrl }));
    router.use('/simulator/control', caller, jsonBody, proxyControls({ simulatorUrl }));
    router.get('/demo/orders', caller, listDemoOrders({ hosts }));
    router.post('/demo/orders', caller, jsonBody, createDemoOrder({ hosts }));
    router.use(demoPages({ simulatorUrl }));
    return { router, openApiPaths: demoPaths };
  };
