import { attemptNo, concludeAttempt, type Payment, takeDownOthers } from '@gateway/shared/store';
import { eventually } from '../../../../testing/eventually.ts';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop({ createLimitMs: 500, askLimitMs: 1_000 });
});
afterEach(() => {
  for (const provider of ['midtrans', 'xendit'] as const) shop.simulator.controls.clearFaults(provider);
});
afterAll(() => shop?.close());

type Provider = 'midtrans' | 'xendit';
type Fault = Parameters<Workshop['simulator']['controls']['addFault']>[1];
const befall = (provider: Provider, operation: Fault['operation'], fault: Fault['fault'], more: Partial<Fault> = {}) =>
  shop.simulator.controls.addFault(provider, { operation, fault, ...more });

/** Shown by the other one; the first attempt's outcome at `provider` is unknown. */
async function afterUnknownAt(provider: Provider, fault: Fault['fault']): Promise<Payment> {
  if (provider === 'xendit') befall('midtrans', 'create', 'hang_after_effect');
  befall(provider, 'create', fault);
  return shop.pending();
}
const unknownOf = async (payment: Payment, provider: Provider) =>
  (await shop.attempts(payment)).find((attempt) => attempt.provider === provider && attempt.no !== (payment.shownAttempt ?? 0));
const statusOf = async (payment: Payment, provider: Provider) => (await unknownOf(payment, provider))?.status;
const looksAfterS = async (payment: Payment, provider: Provider): Promise<number> => {
  const attempt = await unknownOf(payment, provider);
  return ((attempt?.resolveAt?.getTime() ?? 0) - (attempt?.startedAt.getTime() ?? 0)) / 1_000;
};

describe('an unknown outcome at a provider that finds charges by our reference', () => {
  it('is cancelled when it made a charge', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang_after_effect');
    expect(await shop.runDue(payment)).toContain('resolve-attempt: cancelled');
    expect(await statusOf(payment, 'midtrans')).toBe('cancelled');
    expect((await shop.now(payment)).status).toBe('pending'); // and the other one's QR stays
  });

  it('is absent when it made none, asked again for twenty minutes', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang');
    const steps: number[] = [];
    for (let look = 0; look < 6; look++) {
      await shop.runDue(payment);
      const next = await looksAfterS(payment, 'midtrans');
      if (next < 0) break;
      steps.push(next);
      shop.pass(next * 1_000 - (shop.clock.now().getTime() - ((await unknownOf(payment, 'midtrans'))?.startedAt.getTime() ?? 0)));
    }
    expect(steps).toEqual([45, 120, 300, 600, 1_200]);
    expect(await statusOf(payment, 'midtrans')).toBe('absent');
  });

  it('is asked for again when the provider does not answer, and handed to a person when it never does', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang_after_effect');
    befall('midtrans', 'status', 'http_500', { times: null });
    expect(await shop.runDue(payment)).toContain('resolve-attempt: not yet');
    shop.pass(21 * 60_000);
    expect(await shop.runDue(payment)).toContain('resolve-attempt: unresolved');
    expect(await shop.events(payment)).toContain('payment.review');
    shop.simulator.controls.clearFaults('midtrans');
    shop.pass(6 * 3_600_000);
    expect(await shop.runDue(payment)).toContain('resolve-attempt: expired'); // it ends all the same
  });
});

describe('at a provider that only shows money that moved', () => {
  it('is absent after two days without money', async () => {
    befall('midtrans', 'create', 'rejected', { times: 2 });
    befall('xendit', 'create', 'hang_after_effect');
    const failed = await shop.created();
    await shop.run({ name: 'charge', payload: { host: 'pos', paymentId: failed.id, claim: failed.claims } });
    await shop.runDue(failed);
    expect(await looksAfterS(failed, 'xendit')).toBe(60);
    shop.pass(48 * 3_600_000 + 1_000);
    expect(await shop.runDue(failed)).toContain('resolve-attempt: absent');
  });

  it('is paid when money came on a QR nobody was shown, and a person is told', async () => {
    befall('midtrans', 'create', 'rejected');
    befall('xendit', 'create', 'http_500_after_effect');
    const payment = await shop.created();
    await shop.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, claim: payment.claims } });
    shop.simulator.controls.pay(`${payment.reference}-2`);
    shop.pass(60_000);
    await shop.runDue(payment);
    expect(await statusOf(payment, 'xendit')).toBe('paid');
    expect(await shop.events(payment)).toEqual(['payment.failed', 'payment.paid_late', 'payment.review', 'order.paid']);
  });
});

describe('a charge that must come down now', () => {
  it('is not put off by a look that was under way', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang');
    const due = await unknownOf(payment, 'midtrans');
    befall('midtrans', 'status', 'slow', { delay_ms: 200 });
    const looking = shop.runDue(payment);
    await eventually(async () => ((await attemptNo(shop.db.pool, payment.id, due?.no ?? 0))?.resolves ?? 0) > (due?.resolves ?? 0));
    const now = new Date(shop.clock.now().getTime() + 1);
    await takeDownOthers(shop.db.pool, { paymentId: payment.id, no: payment.shownAttempt ?? 0 }, now);
    await looking;
    expect((await unknownOf(payment, 'midtrans'))?.resolveAt).toEqual(now);
    await concludeAttempt(shop.db.pool, {
      paymentId: payment.id,
      no: due?.no ?? 0,
      status: 'absent',
      reason: null,
      at: now,
      resolveAt: null,
    });
  });
});
