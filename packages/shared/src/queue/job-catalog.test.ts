import { jobCatalog } from './job-catalog.ts';

it('a job of a newer release is accepted, without the field that this one does not know', () => {
  const ids = { host: 'pos', paymentId: 'pay_1', leaseNo: 0 };
  expect(jobCatalog.charge.payload.parse({ ...ids, addedLater: true })).toEqual(ids);
});
