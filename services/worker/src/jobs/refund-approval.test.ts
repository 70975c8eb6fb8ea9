import { rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { auditChain, operatorRefunds, refundApprovals, refunds } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness({ queryTimeoutMs: 300 });
});
afterAll(() => worker?.close());

const by = (actor: string) => ({ actor, at: worker.clock.now(), reason: 'seen' });
const decide = (id: string, decision: 'approved' | 'refused' | 'withdrawn', actor: string) =>
  refundApprovals.decide(worker.db, id, decision, by(actor));

/** A refund of a paid payment, that waits for a second person. */
async function waiting({ requestedBy = 'budi' } = {}) {
  const payment = await worker.pending({ total: 500_000 });
  const reference = `${payment.reference}-${payment.shownAttempt}`;
  worker.simulator.controls.pay(reference, { issuer: 'dana' });
  const { leaseNo } = await worker.reload(payment);
  await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
  const paid = await worker.reload(payment);
  const at = worker.clock.now();
  const refund = { payment: paid, attemptNo: paid.shownAttempt as number, amount: rupiah(300_000), reason: 'cold', at } as const;
  const id = await inTransaction(worker.db, async (trx) => {
    const opened = await refunds.open(trx, { ...refund, cause: 'operator', needsApproval: true });
    await refundApprovals.request(trx, opened?.id ?? '', requestedBy, at);
    return opened?.id ?? '';
  });
  const atProvider = () => worker.simulator.controls.charge(reference).states.at(-1)?.refunds ?? [];
  return { id, payment: paid, atProvider };
}

async function work(): Promise<void> {
  await worker.runDue();
  for (const ms of [3_000, 10_000, 30_000, 60_000]) {
    worker.advance(ms);
    await worker.runDue();
  }
}

describe('a refund that waits for a second person', () => {
  it('does not reach the provider, however long it waits and whatever an operator or a webhook does to it', async () => {
    const { id, payment, atProvider } = await waiting();
    const { reference } = (await refunds.find(worker.db.pool, id)) ?? { reference: '' };
    expect(await operatorRefunds.retryRefund(worker.db, id, by('siti'))).toBe(false);
    await refunds.setProviderRefundId(worker.db.pool, { reference, providerRefundId: 'rfd-1' }, worker.clock.now());
    await refunds.expedite(worker.db.pool, payment.id, worker.clock.now());
    await work();
    expect([atProvider(), (await refunds.find(worker.db.pool, id))?.status]).toEqual([[], 'pending']);
  });

  it('is carried out once when another person approves it, also when the approval is repeated', async () => {
    const { id, atProvider } = await waiting();
    expect(await decide(id, 'approved', 'siti')).toMatchObject({ kind: 'decided' });
    await work();
    expect(await decide(id, 'approved', 'dewi')).toEqual({ kind: 'was_decided', decision: 'approved', decidedBy: 'siti' });
    await work();
    expect(atProvider().map(({ amount, status }) => [amount, status])).toEqual([[300_000, 'succeeded']]);
  });

  it.each(['budi', 'cli budi', 'Budi'])('is not approved or refused by %s, who asked for it', async (actor) => {
    const { id, atProvider } = await waiting();
    expect([await decide(id, 'approved', actor), await decide(id, 'refused', actor)]).toMatchObject([
      { kind: 'same_person' },
      { kind: 'same_person' },
    ]);
    await expect(
      worker.db.pool.query(
        `update gateway.refund_approvals set decision = 'approved', decided_by = $2, decided_at = now() where refund_id = $1`,
        [id, actor],
      ),
    ).rejects.toThrow('violates check constraint');
    await work();
    expect(atProvider()).toEqual([]);
  });

  it('is withdrawn by its asker only, and its money can be refunded again', async () => {
    const { id, payment, atProvider } = await waiting();
    expect(await decide(id, 'withdrawn', 'siti')).toMatchObject({ kind: 'not_asker' });
    expect(await decide(id, 'withdrawn', 'cli budi')).toMatchObject({ kind: 'decided' });
    await work();
    expect([atProvider(), (await refunds.find(worker.db.pool, id))?.failure]).toEqual([[], 'not_approved']);
    expect(await refunds.refundable(worker.db.pool, payment.id)).toMatchObject([{ left: 500_000 }]);
    expect((await worker.events(payment)).at(-1)).toBe('refund.failed');
  });

  it('gets one decision of several at the same time, and at most one refund at the provider', async () => {
    const decisions = [
      ['approved', 'siti'],
      ['approved', 'dewi'],
      ['refused', 'wayan'],
      ['withdrawn', 'budi'],
    ] as const;
    for (let round = 0; round < 4; round++) {
      const { id, atProvider } = await waiting();
      const rotated = [...decisions.slice(round), ...decisions.slice(0, round)];
      const results = await Promise.all(rotated.map(([decision, actor]) => decide(id, decision, actor)));
      const [counted, ...others] = results.filter(({ kind }) => kind === 'decided');
      expect(others).toEqual([]);
      await Promise.all([worker.runDue(), worker.runDue()]);
      await work();
      expect(atProvider()).toHaveLength(counted?.decision === 'approved' ? 1 : 0);
    }
    expect((await auditChain.verify(worker.db.pool)).tampering).toBeNull();
  });
});
