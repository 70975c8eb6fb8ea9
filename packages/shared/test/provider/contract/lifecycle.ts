import { checkQris, rupiah } from '@gateway/shared/payment';
import type { ChargeRequest, QrisProvider } from '@gateway/shared/provider';
import { ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from '@gateway/shared/provider';
import { newReference } from '@gateway/shared/runtime';
import { logLines } from '../log-lines.ts';
import type { ProviderFake, ProviderHarness } from './harness.ts';
import { contractRequest, never, outcomeOf } from './requests.ts';

const dayMs = 24 * 3_600_000;

/** The guarantees of QrisProvider, checked against the provider's test double. */
export function lifecycle(harness: ProviderHarness): void {
  let fake: ProviderFake;
  let provider: QrisProvider;

  beforeAll(async () => {
    fake = await harness.startFake();
    provider = harness.create(fake.account, logLines().log);
  });
  afterAll(async () => {
    await provider.close();
    await fake.close();
  });

  const aRequest = (): ChargeRequest => ({
    ...contractRequest,
    reference: `${newReference('pos')}-1`,
    expiresAt: new Date(Date.now() + 900_000),
  });
  const aCharge = () => provider.createCharge(aRequest(), never);
  async function aPaidCharge(issuer = 'dana') {
    const charge = await aCharge();
    fake.pay(charge.reference, { issuer });
    return charge;
  }
  const refundOf = (charge: { reference: string; providerChargeId: string }, amount: number, no = 1) =>
    provider.refundCharge(
      { charge, reference: `${charge.reference.slice(0, -2)}-r${no}`, amount: rupiah(amount), reason: 'Barang kosong' },
      never,
    );

  it('begins open, with a valid QR, our reference and an expiry', async () => {
    const request = aRequest();
    const charge = await provider.createCharge(request, never);
    expect(charge).toMatchObject({
      reference: request.reference,
      status: 'open',
      amount: 150_000,
      paidAmount: null,
      paidAt: null,
      refunds: [],
    });
    expect(checkQris(charge.qrString ?? '', { amount: request.amount, mode: 'live' })).toMatchObject({ ok: true });
    expect(charge.expiresAt?.getTime()).toBeGreaterThan(Date.now());
  });

  it('is found by its id', async () => {
    const charge = await aCharge();
    expect(await provider.findCharge(charge, never)).toMatchObject({ reference: charge.reference, status: 'open', amount: 150_000 });
  });

  it('is not found when it does not exist', async () => {
    const key = { reference: `${newReference('pos')}-1`, providerChargeId: null };
    expect(await provider.findCharge(key, never)).toBeNull();
    expect(await provider.cancelCharge(key, never)).toBeNull();
  });

  it('reports a payment with amount, time, issuer and receipt', async () => {
    const charge = await aPaidCharge('gopay');
    const paid = await provider.findCharge(charge, never);
    expect(paid).toMatchObject({ status: 'paid', amount: 150_000, paidAmount: 150_000, issuer: 'gopay', receipt: expect.any(String) });
    expect(Math.abs((paid?.paidAt?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('is found by our reference alone when it is paid', async () => {
    const charge = await aPaidCharge();
    const found = await provider.findCharge({ reference: charge.reference, providerChargeId: null }, never);
    expect(found).toMatchObject({ providerChargeId: charge.providerChargeId, status: 'paid', paidAmount: 150_000 });
  });

  it.each(['cancelCharge', 'expireCharge'] as const)('ends by %s, which may run twice', async (end) => {
    const charge = await aCharge();
    const after = end === 'expireCharge' ? expect.stringMatching(/expired|cancelled/) : 'cancelled';
    expect(await provider[end](charge, never)).toMatchObject({ status: after });
    expect(await provider[end](charge, never)).toMatchObject({ status: after });
    expect(await provider.findCharge(charge, never)).toMatchObject({ status: after });
  });

  it.each(['cancelCharge', 'expireCharge'] as const)('is still paid after %s', async (end) => {
    const charge = await aPaidCharge();
    expect(await provider[end](charge, never)).toMatchObject({ status: 'paid', paidAmount: 150_000 });
  });

  it('expires', async () => {
    const charge = await aCharge();
    fake.expire(charge.reference);
    expect(await provider.findCharge(charge, never)).toMatchObject({ status: 'expired', paidAmount: null });
  });

  it.each(['expired', 'cancelled'] as const)('can be paid late, after it was %s', async (how) => {
    const charge = await aCharge();
    if (how === 'expired') fake.expire(charge.reference);
    else await provider.cancelCharge(charge, never);
    fake.pay(charge.reference);
    expect(await provider.findCharge(charge, never)).toMatchObject({ status: 'paid', paidAmount: 150_000 });
  });

  it('is refunded in parts, each pending first and succeeded when it is confirmed', async () => {
    const charge = await aPaidCharge();
    const first = await refundOf(charge, 50_000);
    expect(first).toMatchObject({ reference: expect.stringMatching(/-r1$/), amount: 50_000, status: 'pending' });
    fake.advance(60_000);
    const key = { charge, reference: first.reference ?? '', providerRefundId: first.providerRefundId };
    expect(await provider.findRefund(key, never)).toMatchObject({ reference: first.reference, amount: 50_000, status: 'succeeded' });
    expect(await refundOf(charge, 100_000, 2)).toMatchObject({ amount: 100_000 });
    expect(fake.refundedOf(charge.reference)).toBe(150_000);
    expect(await provider.findCharge(charge, never)).toMatchObject({ status: 'paid', paidAmount: 150_000 });
  });

  it('is refunded once by one refund, however often that is requested', async () => {
    const charge = await aPaidCharge();
    await refundOf(charge, 50_000);
    await outcomeOf(refundOf(charge, 50_000));
    expect(fake.refundedOf(charge.reference)).toBe(50_000);
  });

  it('is not refunded above the paid amount, nor before it is paid', async () => {
    const charge = await aPaidCharge();
    expect(await outcomeOf(refundOf(charge, 200_000))).toBeInstanceOf(ProviderRejected);
    expect(await outcomeOf(refundOf(await aCharge(), 50_000))).toBeInstanceOf(ProviderRejected);
    expect(fake.refundedOf(charge.reference)).toBe(0);
  });

  it('has no refund that was not requested', async () => {
    const charge = await aPaidCharge();
    expect(await provider.findRefund({ charge, reference: 'pos-none-r1', providerRefundId: null }, never)).toBeNull();
  });

  it('is not created with the key of another account', async () => {
    const withWrongKey = harness.create({ ...fake.account, secretKey: 'another-key' }, logLines().log);
    expect(await outcomeOf(withWrongKey.createCharge(aRequest(), never))).toBeInstanceOf(ProviderMisconfigured);
    await withWrongKey.close();
  });

  it('is not refunded after the refund window', async () => {
    const charge = await aPaidCharge();
    fake.advance(46 * dayMs);
    expect(await outcomeOf(refundOf(charge, 50_000))).toBeInstanceOf(ProviderRejected);
  });

  describe.each([
    ['rate_limited', ProviderUnavailable],
    ['unauthorized', ProviderMisconfigured],
    ['http_500', ProviderOutcomeUnknown],
    ['http_500_after_effect', ProviderOutcomeUnknown],
    ['http_502_html', ProviderOutcomeUnknown],
    ['truncated', ProviderOutcomeUnknown],
    ['reset_after_effect', ProviderOutcomeUnknown],
    ['hang_after_effect', ProviderOutcomeUnknown],
  ])('under the fault %s', (fault, errorClass) => {
    const soon = () => AbortSignal.timeout(300);

    it(`a create is ${errorClass.name}`, async () => {
      fake.fault('create', fault);
      expect(await outcomeOf(provider.createCharge(aRequest(), soon()))).toBeInstanceOf(errorClass);
    });

    it(`a find is ${errorClass.name}, and the next find succeeds`, async () => {
      const charge = await aCharge();
      fake.fault('status', fault);
      expect(await outcomeOf(provider.findCharge(charge, soon()))).toBeInstanceOf(errorClass);
      expect(await provider.findCharge(charge, never)).toMatchObject({ status: 'open' });
    });

    it(`a cancel is ${errorClass.name}, and a repeat ends the charge`, async () => {
      const charge = await aCharge();
      fake.fault('cancel', fault);
      expect(await outcomeOf(provider.cancelCharge(charge, soon()))).toBeInstanceOf(errorClass);
      expect(await provider.cancelCharge(charge, never)).toMatchObject({ status: 'cancelled' });
    });

    it(`a refund is ${errorClass.name}, and a repeat pays once`, async () => {
      const charge = await aPaidCharge();
      fake.fault('refund', fault);
      const refused = await outcomeOf(
        provider.refundCharge(
          { charge, reference: `${charge.reference.slice(0, -2)}-r1`, amount: rupiah(50_000), reason: 'Barang kosong' },
          soon(),
        ),
      );
      expect(refused).toBeInstanceOf(errorClass);
      await outcomeOf(refundOf(charge, 50_000));
      await outcomeOf(refundOf(charge, 50_000));
      expect(fake.refundedOf(charge.reference)).toBe(50_000);
    });
  });

  it('a refused create and a duplicate create are different errors', async () => {
    fake.fault('create', 'rejected');
    expect(await outcomeOf(aCharge())).toBeInstanceOf(ProviderRejected);
    fake.fault('create', 'duplicate');
    expect(await outcomeOf(aCharge())).toMatchObject({ constructor: ProviderOutcomeUnknown, reason: 'duplicate' });
  });

  it.each(['rejected', 'duplicate'])('a refund that is answered with "%s" is not carried out twice', async (fault) => {
    const charge = await aPaidCharge();
    fake.fault('refund', fault);
    await outcomeOf(refundOf(charge, 50_000));
    await outcomeOf(refundOf(charge, 50_000));
    expect(fake.refundedOf(charge.reference)).toBe(50_000);
  });

  it('without a QR text is ProviderOutcomeUnknown, or its text is read from the image', async () => {
    fake.fault('create', 'no_qr');
    const request = aRequest();
    const outcome = await outcomeOf(provider.createCharge(request, never));
    if (outcome instanceof Error)
      expect(outcome).toMatchObject({ constructor: ProviderOutcomeUnknown, reason: 'no_qr', providerChargeId: expect.any(String) });
    else expect(outcome).toMatchObject({ qrString: expect.stringMatching(/^000201/) });
  });
}
