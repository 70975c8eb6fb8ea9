import { cancelReasons, eventReasons, type Payment, type PaymentEventType, rupiah } from '@gateway/shared/payment';
import { providerNames } from '@gateway/shared/provider';
import { plusMs } from '@gateway/shared/runtime';
import { events, payments, refunds } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { anEvent, aPayment } from '@gateway/testing/worker/payment-fixture';
import supertest from 'supertest';
import { languages, nextKeys, past, upcoming } from './sentences.ts';
import { entryKey, nextEntry, type TimelineInput } from './timeline.ts';

/** Every event type with every reason, policy or cause that it may carry. */
const eventKeys = Object.entries(eventReasons).flatMap(([type, reasons]) =>
  reasons.length === 0 ? [type] : (reasons as readonly string[]).map((reason) => `${type} ${reason}`),
);

describe('the table of sentences', () => {
  it.each([...eventKeys, 'created', ...cancelReasons.map((reason) => `hidden ${reason}`)])(
    'has a sentence for %s in every language',
    (key) => {
      for (const language of languages)
        expect([key, language, (past as Record<string, Record<string, string>>)[key]?.[language]]).toEqual([
          key,
          language,
          expect.stringMatching(/^[^ ].{10,}\.$/),
        ]);
    },
  );

  it.each(nextKeys)('has a sentence for the next step: %s', (key) => {
    for (const language of languages) expect(upcoming[key][language]).toMatch(/^\S.{10,}\.$/);
  });

  it('has no unused sentence, names no provider, and has no placeholder that is not filled in', () => {
    expect(Object.keys(past).sort()).toEqual(
      [...new Set([...eventKeys, 'created', ...cancelReasons.map((reason) => `hidden ${reason}`)])].sort(),
    );
    const all = [...Object.values(past), ...Object.values(upcoming)].flatMap((sentence) => Object.values(sentence)).join('\n');
    expect(all).not.toMatch(new RegExp(providerNames.join('|'), 'i'));
    expect(new Set(all.match(/\{\w+\}/g))).toEqual(new Set(['{amount}', '{order}', '{received}', '{issuer}', '{refund}', '{time}']));
  });

  it.each(eventKeys)('is selected by the reason, policy or cause of the event: %s', (key) => {
    const [type, reason] = key.split(' ') as [PaymentEventType, string?];
    for (const name of ['reason', 'policy', 'cause']) expect(entryKey({ type, data: { [name]: reason } })).toBe(key);
  });

  it('has a sentence for a reason that a newer version may write', () => {
    for (const type of Object.keys(eventReasons) as PaymentEventType[])
      expect(past[entryKey({ type, data: { reason: 'something new' } })]).toBeDefined();
  });
});

describe('what happens next', () => {
  const now = new Date('2026-03-02T03:10:00.000Z');
  const later = new Date('2026-03-02T03:15:00.000Z');
  const next = (overrides: Partial<Payment>, more: Partial<TimelineInput> = {}) =>
    nextEntry(
      { payment: aPayment(overrides), events: [], refunds: [], hostRetryAt: null, now, ...more },
      { language: 'en', timeZone: 'Asia/Jakarta' },
    );
  const shown = { status: 'pending', qrString: 'qr', shownAttempt: 1, expiresAt: later } as const;

  it.each<[string, Partial<Payment>, string, Date | null]>([
    ['a QR is being made', { status: 'created' }, 'making', new Date('2026-03-02T03:00:03.000Z')],
    ['a QR is on display', shown, 'scan', later],
    ['it is being cancelled', { ...shown, hiddenAt: now, cancelRequestedAt: now }, 'cancelling', plusMs(now, 120_000)],
    ['it has expired', { ...shown, expiresAt: now }, 'closing', plusMs(now, 120_000)],
    ['a reported payment is not confirmed', { ...shown, reviewSince: now }, 'review', null],
    ['it is closed, and late money may still arrive', { status: 'expired', checkAt: now, watchUntil: later }, 'watch', later],
    ['two records disagree', { status: 'paid', needsReview: true, checkAt: null }, 'review', null],
  ])('is shown when %s', (_, overrides, key, at) => {
    expect(next(overrides)).toMatchObject({ key, at });
  });

  it('is null when the payment is final', () => {
    expect(next({ status: 'paid', checkAt: null })).toBeNull();
  });

  it('has its time in the time zone of the host', () => {
    expect(next(shown)?.text).toBe('Waiting for the guest to pay. The QR is good until 2/3, 10.15.');
    expect(next({ status: 'paid', checkAt: null }, { hostRetryAt: later })?.text).toBe(
      'The till is busy; recording is retried at 2/3, 10.15.',
    );
  });
});

describe('GET …/timeline', () => {
  let api: ApiHarness;
  let payment: Payment;
  beforeAll(async () => {
    api = await startApiHarness();
    payment = aPayment({ tenant: api.tenant, createdAt: api.clock.now(), amount: rupiah(55_000) });
    await payments.insert(api.db.pool, payment);
    await api.db.knex('gateway.attempts').insert({
      payment_id: payment.id,
      no: 1,
      provider: 'midtrans',
      account: 'default',
      reference: `${payment.reference}-1`,
      status: 'paid',
      paid_idr: 55_000,
      paid_at: api.clock.now(),
      started_at: api.clock.now(),
    });
    for (const [type, data] of [
      ['payment.pending', {}],
      ['payment.paid', { issuer: 'dana', received_amount: 55_000 }],
      ['order.paid', {}],
    ] as const) {
      api.clock.advance(1_000);
      await events.append(api.db.pool, anEvent(type, payment, api.clock.now(), data), payment.orderKey);
    }
    api.clock.advance(1_000);
    await refunds.open(api.db.pool, { payment, attemptNo: 1, amount: rupiah(5_000), cause: 'client', reason: 'cold', at: api.clock.now() });
    await api.db.pool.query(`update gateway.payments set status = 'paid', check_at = null, paid_at = now() where id = $1`, [payment.id]);
  });
  afterAll(() => api.close());

  const getTimeline = (language?: string, key = api.key) =>
    supertest(api.url)
      .get(`/transaction/payments/${payment.id}/timeline`)
      .set({ authorization: `Bearer ${key}`, ...(language ? { 'accept-language': language } : {}) });
  const texts = ({ timeline }: { timeline: { text: string }[] }) => timeline.map(({ text }) => text);

  it('is in Indonesian, unless the caller prefers English', async () => {
    const indonesian = await getTimeline();
    expect([indonesian.status, indonesian.headers['content-language']]).toEqual([200, 'id']);
    expect(texts(indonesian.body)).toEqual([
      'Pembayaran Rp55.000 untuk pesanan A-0042 diminta.',
      'QR tampil dan dapat dibayar.',
      'Tamu membayar Rp55.000 lewat dana.',
      'Pesanan lunas dan diteruskan ke dapur.',
      'Pengembalian Rp5.000 diminta dan sedang berjalan.',
    ]);
    const english = await getTimeline('fr, en-GB;q=0.8, id;q=0.1');
    expect([english.headers['content-language'], english.headers.vary]).toEqual(['en', expect.stringContaining('Accept-Language')]);
    expect(texts(english.body)[2]).toBe('The guest paid Rp55.000 with dana.');
    expect(english.body.timeline[2]).toMatchObject({ key: 'payment.paid', at: expect.stringMatching(/Z$/) });
    expect(english.body.next).toMatchObject({ key: 'refund', at: api.clock.now().toISOString() });
    expect(JSON.stringify([indonesian.body, english.body])).not.toMatch(/midtrans|xendit/i);
  });

  it('is not found with the key of another tenant', async () => {
    expect((await getTimeline('id', (await api.keyFor({ tenant: api.otherTenant })).secret)).body.code).toBe('payment_not_found');
  });
});
