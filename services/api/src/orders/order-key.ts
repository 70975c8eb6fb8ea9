import { asOrderKey, type OrderKey } from '@gateway/shared/payment';
import { type clients, tillHost, tillOrderKey } from '@gateway/shared/store';

/** The order's id as the host knows it: a till's own id is unique in its tenant only. */
export const orderKeyOf = ({ host, tenant }: Pick<clients.Client, 'host' | 'tenant'>, orderId: string): OrderKey =>
  asOrderKey(host === tillHost ? tillOrderKey({ tenant, orderId }) : orderId);
