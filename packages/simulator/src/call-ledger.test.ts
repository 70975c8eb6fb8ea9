import { CallLedger } from './call-ledger.ts';

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

describe('the ledger of calls', () => {
  it('keeps the newest and counts them all', () => {
    const ledger = new CallLedger(10);
    for (let i = 0; i < 1_000; i++) ledger.enter({ ...aCall });
    expect(ledger.list({}).map(({ seq }) => seq)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
    expect(ledger.list({ since: 998 }).map(({ seq }) => seq)).toEqual([999, 1_000]);
    expect(ledger.list({ limit: 1 }).map(({ seq }) => seq)).toEqual([1_000]);
    expect([ledger.counts(), ledger.total]).toEqual([{ midtrans: { status: 1_000 } }, 1_000]);
  });
});
