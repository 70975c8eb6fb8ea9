import { demoKeys } from '@gateway/shared/runtime';
import { eventually } from '@gateway/testing/eventually';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import { answering, type Receiver, startReceiver } from '@gateway/testing/webhooks/receiver';

/** The server of two tills' owners, which gets every event by webhook. It is busy each seventh time. */
export interface AllWebhooks {
  /** Waits until every event of every store has arrived. @returns what is wrong with how they arrived */
  faults(): Promise<string[]>;
  close(): Promise<void>;
}

const busyEvery = 7;

/** Registers an endpoint for all events of both tenants. Call it before the first sale. */
export async function receiveAllWebhooks(stack: TestStack): Promise<AllWebhooks> {
  const [ok, busy] = [answering(204), answering(503, { 'retry-after': '1' })];
  const accepted: { store: string; seq: number; id: string }[] = [];
  const receiver: Receiver = await startReceiver((webhook, answer, count) => {
    if (count % busyEvery === 0) return busy(webhook, answer, count);
    const { store_id: store, seq } = JSON.parse(webhook.body) as { store_id: string; seq: number };
    accepted.push({ store, seq, id: String(webhook.headers['webhook-id']) });
    ok(webhook, answer, count);
  });
  for (const key of [demoKeys.pos, demoKeys.till])
    await stack.till(key).request('POST', '/webhook-endpoints', { body: { url: receiver.url, events: ['*'] } });

  const seqsOf = (store: string) => [...new Set(accepted.filter((each) => each.store === store).map(({ seq }) => seq))];
  return {
    faults: async () => {
      const { rows: stores } = await stack.pos.query<{ store: string; last: number }>(
        'select store_id as store, last_seq::integer as last from gateway.stores where last_seq > 0',
      );
      await eventually(() => stores.every(({ store, last }) => seqsOf(store).includes(last)), 90_000);
      const ids = new Set(accepted.map(({ store, seq, id }) => `${store} ${seq} ${id}`));
      return stores.flatMap(({ store, last }) => {
        const seqs = seqsOf(store); // in the order in which each was accepted first
        const inOrder = seqs.length >= last && seqs.every((seq, n) => seq === n + 1);
        const oneIdEach = [...ids].filter((id) => id.startsWith(`${store} `)).length === seqs.length;
        return [...(inOrder ? [] : [`${store}: ${seqs}`]), ...(oneIdEach ? [] : [`${store}: an event had two ids`])];
      });
    },
    close: () => receiver.close(),
  };
}
