import { isScannable, type Payment } from '@gateway/shared/payment';
import { payments } from '@gateway/shared/store';
import type { RequestHandler, Response } from 'express';
import qrcode from 'qrcode';
import type { ApiDeps } from '../deps.ts';
import { authenticateClient, clientOf } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment } from './find-own-payment.ts';

const quietZone = 4; // modules, as the QR standard asks: scanners need the white around it
const pngModulePx = 8;

/** GET …/qr.svg and qr.png: by key, or by the signature in the link. 410 once it must not be scanned any more. */
export const qrImage =
  ({ hosts, control, links, clock }: Pick<ApiDeps, 'hosts' | 'control' | 'links' | 'clock'>, format: 'svg' | 'png'): RequestHandler =>
  async (req, res) => {
    const paymentId = String(req.params.paymentId);
    const payment = links.isSigned(paymentId, req.query.sig) ? await bySignature(paymentId) : await byKey();
    if (!isScannable(payment, clock.now()))
      throw new Problem('qr_gone', 'This QR is no longer valid. Request the payment of the order again.');
    res.setHeader('Cache-Control', 'no-store');
    await render(res, payment.qrString as string);

    async function bySignature(id: string): Promise<Payment> {
      for (const { db } of hosts.databases()) {
        const payment = await payments.find(db.pool, id);
        if (payment) return payment;
      }
      throw new Problem('payment_not_found', 'No payment with this id exists.');
    }

    async function byKey(): Promise<Payment> {
      authenticateClient(control)(req, res, () => {});
      const client = clientOf(res);
      return findOwnPayment(hosts.of(client), client, paymentId);
    }

    async function render(response: Response, text: string): Promise<void> {
      if (format === 'svg')
        response.type('image/svg+xml').send(await qrcode.toString(text, { type: 'svg', margin: quietZone, errorCorrectionLevel: 'M' }));
      else
        response.type('image/png').send(await qrcode.toBuffer(text, { margin: quietZone, scale: pngModulePx, errorCorrectionLevel: 'M' }));
    }
  };
