import { CallLog } from './call-log.ts';

const aCall = {
  at: 0,
  provider: 'midtrans',
  account: null,
  operation: 'status',
  method: 'GET',
  path: '/',
  reference: null,
  outcome: '200',
  http_status: 200,
  fault: null,
} as const;

describe('the call log', () => {
  it('keeps the newest calls, and counts all of them', () => {
    const callLog = new CallLog(10);
    for (let i = 0; i < 1_000; i++) callLog.add({ ...aCall });
    expect(callLog.list({}).map(({ seq }) => seq)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
    expect(callLog.list({ since: 998 }).map(({ seq }) => seq)).toEqual([999, 1_000]);
    expect(callLog.list({ limit: 1 }).map(({ seq }) => seq)).toEqual([1_000]);
    expect([callLog.counts(), callLog.total]).toEqual([{ midtrans: { status: 1_000 } }, 1_000]);
  });
});
