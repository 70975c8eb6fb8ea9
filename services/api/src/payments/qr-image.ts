import { isScannable, type Payment } from '@gateway/shared/payment';
import { payments } from '@gateway/shared/store';
import type { RequestHandler, Response } from 'express';
import { PNG } from 'pngjs';
import { encodeQR } from 'qr';
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
    render(res, payment.qrString as string);

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

    function render(response: Response, text: string): void {
      if (format === 'svg') response.type('image/svg+xml').send(svgOf(text));
      else response.type('image/png').send(pngOf(text));
    }
  };

/** One path for all dark modules on a white square, because a page may have a dark background. Smaller than the SVG that `qr` draws. */
function svgOf(text: string): string {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: quietZone });
  const runs = rows.map((modules, y) => {
    const line = modules.map((isDark) => (isDark ? '#' : ' ')).join('');
    return Array.from(line.matchAll(/#+/g), ({ index, 0: run }) => `M${index} ${y}.5h${run.length}`).join('');
  });
  const size = rows.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path stroke="#000" d="${runs.join('')}"/></svg>\n`;
}

function pngOf(text: string): Buffer {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: quietZone, scale: pngModulePx });
  const png = new PNG({ width: rows.length, height: rows.length });
  png.data = Buffer.from(rows.flatMap((pixels) => pixels.map((isDark) => (isDark ? 0 : 255))));
  return PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false, filterType: 0 }); // 0: one byte of grey a pixel
}
