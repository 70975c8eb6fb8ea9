import { inTransaction } from '@gateway/shared/postgres';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { openReview, openReviewOnce } from './open-review.ts';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

const review = { reason: 'overpaid', attemptNo: 1, ours: '55000', theirs: '60000' } as const;

describe('a disagreement about money that is found again', () => {
  it('is announced once while its discrepancy is open, in the writer too', async () => {
    const payment = await worker.pending();
    const now = worker.clock.now();
    expect(await inTransaction(worker.db, (trx) => openReviewOnce(trx, payment, review, now))).toBe(true);
    expect(await inTransaction(worker.db, (trx) => openReviewOnce(trx, payment, review, now))).toBe(false);
    await inTransaction(worker.db, (trx) => Promise.all(openReview(trx, payment, review, now))); // the payment writer's way
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.review']);
  });

  it('is announced again for another attempt', async () => {
    const payment = await worker.pending();
    const now = worker.clock.now();
    await inTransaction(worker.db, (trx) => Promise.all(openReview(trx, payment, review, now)));
    await inTransaction(worker.db, (trx) => Promise.all(openReview(trx, payment, { ...review, attemptNo: 2 }, now)));
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.review', 'payment.review']);
  });
});
