import type { Hosts } from '@gateway/shared/host';
import { isScannable, type Payment } from '@gateway/shared/payment';
import type { Clock } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import type { Request, RequestHandler, Response } from 'express';
import { PNG } from 'pngjs';
import { encodeQR } from 'qr';
import { authenticateClient, clientOf, requireScope } from '../http/authenticate-client.ts';
import { callerAddress } from '../http/caller-address.ts';
import type { ClientKeys } from '../http/client-keys.ts';
import { type LimitReads, storeNames } from '../http/limit-reads.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment } from './find-own-payment.ts';
import type { QrLinks } from './qr-link.ts';

export interface QrImageDeps {
  hosts: Hosts;
  control: ClientKeys;
  links: QrLinks;
  clock: Clock;
  limitReads: LimitReads;
}

type ImageFormat = 'svg' | 'png';

const quietZone = 4; // modules: the white border that the QR standard requires
const pngModulePx = 8;

/** GET /transaction/payments/{payment_id}/qr.svg and qr.png: by a key with the scope `payments`, or by the signature in the link. 410 once the QR may not be scanned. */
export const qrImage =
  ({ hosts, control, links, clock, limitReads }: QrImageDeps, format: ImageFormat): RequestHandler =>
  async (req, res) => {
    const paymentId = String(req.params.paymentId);
    const isSigned = links.isSigned(paymentId, req.query.sig);
    if (!isSigned) authenticate(control, req, res);
    limitReads('qr', { key: isSigned ? callerAddress(req) : clientOf(res).id });
    const payment = isSigned ? await findSigned(hosts, paymentId) : await findOwnPayment(hosts.of(clientOf(res)), clientOf(res), paymentId);
    limitReads('qr', storeNames(payment, payment.storeId));
    if (!isScannable(payment, clock.now()))
      throw new Problem('qr_gone', 'This QR is no longer valid. Request the payment of the order again.');
    res.setHeader('Cache-Control', 'no-store');
    res.type(contentTypes[format]).send(renderers[format](payment.qrString as string));
  };

/** A link names no host, so every database is searched. */
async function findSigned(hosts: Hosts, paymentId: string): Promise<Payment> {
  for (const { db } of hosts.databases()) {
    const payment = await payments.find(db.pool, paymentId);
    if (payment) return payment;
  }
  throw new Problem('payment_not_found', 'No payment with this id exists.');
}

function authenticate(control: ClientKeys, req: Request, res: Response): void {
  authenticateClient(control)(req, res, () => {});
  requireScope('payments')(req, res, () => {});
}

const contentTypes: Readonly<Record<ImageFormat, string>> = { svg: 'image/svg+xml', png: 'image/png' };

const renderers: Readonly<Record<ImageFormat, (text: string) => string | Buffer>> = { svg: svgOf, png: pngOf };

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
