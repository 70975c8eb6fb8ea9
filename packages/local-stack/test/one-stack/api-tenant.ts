import { eventually } from '@gateway/testing/eventually';
import { openEventSource } from '@gateway/testing/stack/event-source';
import { aScreen } from '@gateway/testing/stack/screen';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody, Till } from '@gateway/testing/stack/till';
import { startReceiver } from '@gateway/testing/webhooks/receiver';
import { keyCommands } from '../../../ops/src/commands.ts';
import { runForJson } from '../../../ops/test/run-command.ts';

type Fields = Record<string, string>;

/** A company whose till sends its orders by API. Its name is in all texts of its orders. */
export interface ApiTenant {
  name: string;
  till: Till;
  /** What the paths of the API name, such as `payment_id`. */
  ids: Fields;
  /** Everything that it was sent, as text: on the channel of its store, by the stream and by webhook. */
  wasSent(): string;
  /** Everything that it can read about itself, as text. */
  view(): Promise<string>;
  close(): Promise<void>;
}

/** A new tenant of the host `till` whose order was paid by QRIS and refunded in part, followed in each way that there is. */
export async function aTenantThatSold(stack: TestStack, name: string, storeId: string, orderId: string): Promise<ApiTenant> {
  const rights = ['--name', name, '--host', 'till', '--tenant', name];
  const { secret } = await runForJson<{ secret: string }>(keyCommands, ['create', ...rights], { DATA_DIR: stack.dataDir });
  const till = stack.till(secret);
  const receiver = await startReceiver();
  const endpoint = await eventually(async () => {
    const { body } = await till.request<Fields>('POST', '/webhook-endpoints', { body: { url: receiver.url, events: ['*'] } });
    return body.id !== undefined && body; // every process knows a new key within 2 s
  });
  const screen = await aScreen(stack.redisUrl, storeId);
  const stream = await openEventSource(`${stack.api}/stores/${storeId}/events?after=0`, { authorization: `Bearer ${secret}` });

  const lines = [{ name: `Nasi ${name}`, quantity: 1, unit_price: 25_000, total: 25_000, note: `meja ${name}` }];
  const order = { number: '1', lines, total: 25_000, metadata: { cashier: name } };
  const orderPath = `/stores/${storeId}/orders/${orderId}`;
  await till.request('PUT', orderPath, { body: order });
  const { body: payment } = await till.create(orderId);
  await stack.simulator.pay(payment.transaction_id);
  await screen.waitsFor('order.paid', payment);
  const paymentPath = `/transaction/payments/${payment.payment_id}`;
  const { body: refund } = await till.request<Fields>('POST', `${paymentPath}/refunds`, {
    body: { amount: 1_000, reason: `cold, says ${name}` },
    headers: { 'idempotency-key': orderId },
  });
  await screen.waitsFor('refund.succeeded', payment);
  await stream.waitsFor(screen.events.length);
  await receiver.waitsFor(screen.events.length);

  const ids = { ...idsOf(payment), refund_id: refund.refund_id ?? '', endpoint_id: endpoint.id ?? '' };
  const own = [paymentPath, `${paymentPath}/refunds`, `/transaction/refunds/${ids.refund_id}`, `/webhook-endpoints/${ids.endpoint_id}`];
  const paths = [...own, orderPath, `/stores/${storeId}/orders`, `/stores/${storeId}/events`, '/transaction/payments'];
  return {
    name,
    till,
    ids,
    wasSent: () => JSON.stringify([screen.events, stream.events, receiver.received.map(({ body }) => body)]),
    view: async () => JSON.stringify(await Promise.all(paths.map(async (path) => (await till.request('GET', path)).body))),
    close: async () => {
      screen.close();
      stream.close();
      await till.request('DELETE', `/webhook-endpoints/${ids.endpoint_id}`);
      await receiver.close();
    },
  };
}

const idsOf = ({ payment_id, transaction_id, store_id, order_id }: PaymentBody) => ({ payment_id, transaction_id, store_id, order_id });
