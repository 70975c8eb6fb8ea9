import { claimForCaller, doubtPayment, hidePayment, type Payment } from '@gateway/shared/store';
import { eventually } from '../../../../testing/eventually.ts';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop({ createLimitMs: 2_000 });
});
afterEach(() => bothProviders((provider) => shop.simulator.controls.clearFaults(provider)));
afterAll(() => shop?.close());

type Fault = Parameters<Workshop['simulator']['controls']['addFault']>[1];
const bothProviders = (act: (provider: 'midtrans' | 'xendit') => void) => (['midtrans', 'xendit'] as const).forEach(act);
const befall = (provider: 'midtrans' | 'xendit', fault: Fault['fault'], more: Partial<Fault> = {}) =>
  shop.simulator.controls.addFault(provider, { operation: 'create', fault, ...more });

const charge = ({ id, claims }: Payment) => shop.run({ name: 'charge', payload: { host: 'pos', paymentId: id, claim: claims } });
const attempts = async (payment: Payment) =>
  (await shop.attempts(payment)).map(({ provider, status, reason }) => `${provider} ${status}${reason ? ` ${reason}` : ''}`);
const lifecycle = (reference: string) => shop.simulator.controls.charge(reference).states.at(-1)?.lifecycle;
const toldOf = ({ id }: Payment) => shop.told.filter((told) => told.id === id).map(({ status }) => status);
/** Another process takes the payment over, as the sweep does when a lease runs out. */
async function takenOver({ id }: Payment): Promise<Payment> {
  await shop.db.pool.query('update gateway.payments set claims = claims + 1 where id = $1', [id]);
  return shop.now({ id });
}

describe('making a QR', () => {
  it('shows the first right one, and says so', async () => {
    const payment = await shop.created({ total: 55_000 });
    expect(await charge(payment)).toBe('pending');
    expect(await shop.now(payment)).toMatchObject({
      status: 'pending',
      shownAttempt: 1,
      qrString: shop.simulator.controls.charge(`${payment.reference}-1`).qrString,
    });
    expect(await shop.events(payment)).toEqual(['payment.pending']);
    expect(toldOf(payment)).toEqual(['pending']);
    expect((await shop.now(payment)).route).toEqual([expect.objectContaining({ provider: 'midtrans', outcome: 'chosen' })]);
  });

  it.each(['rejected', 'unauthorized', 'rate_limited', 'refuse'] as const)('goes on after a clear no: %s', async (fault) => {
    befall('midtrans', fault, { times: null });
    const payment = await shop.created();
    expect(await charge(payment)).toBe('pending');
    expect(await attempts(payment)).toEqual([expect.stringMatching(/^midtrans rejected/), 'xendit open']);
    expect((await shop.now(payment)).shownAttempt).toBe(2);
  });

  it.each(['http_500_after_effect', 'truncated', 'reset_after_effect', 'wrong_amount_qr'] as const)(
    'goes on after %s, never shows what that may have made, and takes it down',
    async (fault) => {
      befall('midtrans', fault);
      const payment = await shop.created();
      expect(await charge(payment)).toBe('pending');
      expect(await attempts(payment)).toEqual([expect.stringMatching(/^midtrans unknown/), 'xendit open']);
      await shop.runDue(payment);
      expect(await attempts(payment)).toEqual([expect.stringMatching(/^midtrans cancelled/), 'xendit open']);
      expect(lifecycle(`${payment.reference}-1`)).toBe('cancelled');
      expect((await shop.now(payment)).shownAttempt).toBe(2);
    },
  );

  it('keeps a record when a provider’s QR carries another amount', async () => {
    befall('midtrans', 'wrong_amount_qr');
    const payment = await shop.created();
    await charge(payment);
    const { rows } = await shop.db.pool.query('select reason from gateway.discrepancies where payment_id = $1', [payment.id]);
    expect(rows).toEqual([{ reason: 'qr_amount' }]);
  });

  it('asks the next provider beside one that is silent, and takes down what comes too late', async () => {
    befall('midtrans', 'slow', { delay_ms: 400 });
    const payment = await shop.created();
    shop.settings.hedgeAfterMs = 50;
    expect(await charge(payment)).toBe('pending');
    shop.settings.hedgeAfterMs = 60_000;
    expect((await shop.now(payment)).shownAttempt).toBe(2);
    await eventually(async () => (await attempts(payment))[0] === 'midtrans unknown not_shown');
    await shop.runDue(payment);
    expect(lifecycle(`${payment.reference}-1`)).toBe('cancelled');
    expect(await shop.events(payment)).toEqual(['payment.pending']);
  });

  it('fails when nobody can, says who was asked and why it was not them, and tells the till’s row', async () => {
    bothProviders((provider) => befall(provider, 'rejected'));
    const payment = await shop.created();
    expect(await charge(payment)).toBe('failed');
    expect(await shop.events(payment)).toEqual(['payment.failed']);
    expect((await shop.now(payment)).route).toEqual([
      expect.objectContaining({ provider: 'midtrans', outcome: 'refused' }),
      expect.objectContaining({ provider: 'xendit', outcome: 'refused' }),
    ]);
    expect(toldOf(payment)).toEqual(['failed']);
    expect((await shop.db.pool.query('select status from pos.payments where external_ref = $1', [payment.reference])).rows).toEqual([
      { status: 'failed' },
    ]);
  });
});

describe('a payment that somebody else has claimed', () => {
  it('is left alone', async () => {
    const payment = await shop.created();
    await takenOver(payment);
    expect(await charge(payment)).toBe('superseded');
    expect(await shop.attempts(payment)).toEqual([]);
  });

  it('shows no QR of the one who lost it in the middle of a call, and takes that charge down', async () => {
    befall('midtrans', 'slow', { delay_ms: 150 });
    const payment = await shop.created();
    const slow = charge(payment);
    await eventually(async () => (await shop.attempts(payment)).length === 1);
    const anew = await takenOver(payment);
    expect(await charge(anew)).toBe('pending');
    expect(await slow).toBe('superseded');
    expect((await shop.now(payment)).shownAttempt).toBe(2);
    await shop.runDue(payment);
    expect(await attempts(payment)).toEqual(['midtrans cancelled not_shown', 'midtrans open']);
  });

  it('is not failed by the one who lost it', async () => {
    const payment = await shop.created();
    await takenOver(payment);
    const word = { kind: 'given_up', claim: payment.claims, reason: 'providers_unavailable', route: [] } as const;
    expect((await shop.writer.apply(shop.host, payment, { ...word, route: [] })).verdict).toBe('stale');
    expect((await shop.now(payment)).status).toBe('created');
  });

  it('is made anew after a worker died between asking and writing down, and twice', async () => {
    let payment = await shop.created();
    for (const no of [1, 2]) {
      befall('midtrans', 'hang_after_effect');
      // Nobody is there any more to hear how this ends.
      void shop.deps.askProvider({
        host: shop.host,
        payment,
        no,
        claim: payment.claims,
        candidate: shop.deps.accounts.of({ provider: 'midtrans', account: 'default' }),
        startedAt: shop.clock.now(),
        others: 0,
        steps: [],
        leaseMs: 3_000,
      });
      await eventually(() => shop.simulator.controls.charge(`${payment.reference}-${no}`));
      payment = await takenOver(payment);
    }
    expect(await charge(payment)).toBe('pending');
    await shop.runDue(payment);
    expect([1, 2, 3].map((no) => lifecycle(`${payment.reference}-${no}`))).toEqual(['cancelled', 'cancelled', 'pending']);
    expect((await shop.now(payment)).shownAttempt).toBe(3);
  });
});

describe('a payment that is over before its QR is there', () => {
  it('is cancelled when the caller wished so', async () => {
    const payment = await shop.created();
    await hidePayment(shop.db.pool, payment.id, 'client', shop.clock.now());
    expect(await charge(await shop.now(payment))).toBe('cancelled');
    expect(await shop.attempts(payment)).toEqual([]);
  });

  it('is cancelled in the middle of a call, and that charge is taken down', async () => {
    befall('midtrans', 'slow', { delay_ms: 150 });
    const payment = await shop.created();
    const asking = charge(payment);
    await eventually(async () => (await shop.attempts(payment)).length === 1);
    await hidePayment(shop.db.pool, payment.id, 'client', shop.clock.now());
    await claimForCaller(shop.db.pool, payment.id, { replyTo: 'api', now: shop.clock.now(), leaseMs: 15_000, unlessAskedSince: null });
    expect(await charge(await shop.now(payment))).toBe('cancelled');
    expect(await asking).toBe('superseded');
    await shop.runDue(payment);
    expect(lifecycle(`${payment.reference}-1`)).toBe('cancelled');
    expect(await shop.events(payment)).toEqual(['payment.cancelled']);
  });

  it('fails when its time is over', async () => {
    const payment = await shop.created({ expiresInMs: 60_000 });
    shop.pass(60_000);
    expect(await charge(payment)).toBe('failed');
    expect(await shop.attempts(payment)).toEqual([]);
  });

  it('gets no second QR while the first may be paid', async () => {
    const payment = await shop.created();
    await doubtPayment(shop.db.pool, payment.id, shop.clock.now());
    expect(await charge(await shop.now(payment))).toBe('in doubt');
    expect(await shop.attempts(payment)).toEqual([]);
  });
});
