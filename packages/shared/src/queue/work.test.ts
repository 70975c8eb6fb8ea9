import { flushTestRedis, testRedisUrl } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { asPaymentId } from '../payment/index.ts';
import { createLogger } from '../runtime/index.ts';
import { openQueues } from './enqueue.ts';
import { startWork } from './work.ts';

it('Redis keeps the last 500 completed jobs of a queue, for the board', async () => {
  await flushTestRedis();
  const url = testRedisUrl();
  const queues = openQueues(url, { withinMs: 5_000 });
  const jobs = Array.from({ length: 510 }, (_, n) => ({ host: 'pos', paymentId: asPaymentId(`pay_${n}`), leaseNo: 1 }));
  for (const job of jobs) await queues.enqueue('expire-payment', job);
  const work = startWork(url, { 'expire-payment': async () => 'already_done' } as never, createLogger('test', 'silent'));
  const follow = queues.all.find(({ name }) => name === 'follow');
  await eventually(async () => (await follow?.getJob('expire-payment-pos-pay_509-1'))?.isCompleted());
  await work.close();
  expect(await follow?.getJobCounts('completed', 'waiting', 'active')).toEqual({ completed: 500, waiting: 0, active: 0 });
  await queues.close();
});
