import fc from 'fast-check';
import { contractKey, contractRefund, contractRequest, never } from '#test/provider/contract/requests.ts';
import { logLines } from '#test/provider/log-lines.ts';
import { inSequence, json, reply, type ScriptedServer, startScriptedServer } from '#test/provider/scripted-server.ts';
import { rupiah } from '../../payment/index.ts';
import { manualClock, plusMs } from '../../runtime/index.ts';
import { ProviderOutcomeUnknown, ProviderRejected } from '../provider-error.ts';
import type { ProviderAccount } from '../qris-provider.ts';
import { amountWithoutFee } from './midtrans-charge.ts';
import { MidtransProvider } from './midtrans-provider.ts';
import { chargeBody, idempotencyKey, itemDetails, lifetimeSeconds, parseWib } from './midtrans-wire.ts';

const clock = manualClock(new Date('2026-03-02T03:00:00Z'));
const created = {
  status_code: '201',
  transaction_id: contractKey.providerChargeId,
  order_id: contractKey.reference,
  gross_amount: '150000.00',
  transaction_time: '2026-03-02 10:00:01',
  transaction_status: 'pending',
  qr_string: '000201',
};

let server: ScriptedServer;
let provider: MidtransProvider;
const open = (changes: Partial<ProviderAccount> = {}) => {
  const account = {
    provider: 'midtrans',
    id: 'default',
    baseUrl: `${server.url}/midtrans`,
    mode: 'live',
    secretKey: 'SB-Mid-server-DOCSONLY-0000000000000001',
    webhookSecrets: [],
  } as const;
  provider = new MidtransProvider({ ...account, ...changes }, { log: logLines().log, clock });
  return provider;
};
beforeEach(async () => {
  server = await startScriptedServer();
  open();
});
afterEach(async () => {
  await provider.close();
  await server.close();
});

describe('a request to Midtrans', () => {
  it('creates a charge', async () => {
    server.script = json(200, created);
    await open({ notificationUrl: 'https://pay.example.com/webhooks/midtrans' }).createCharge(contractRequest, never);
    const [request] = server.received;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/midtrans/v2/charge',
      headers: {
        authorization: 'Basic U0ItTWlkLXNlcnZlci1ET0NTT05MWS0wMDAwMDAwMDAwMDAwMDAxOg==', // the example of the document
        accept: 'application/json',
        'content-type': 'application/json',
        'idempotency-key': `${contractKey.reference}-charge`,
        'x-override-notification': 'https://pay.example.com/webhooks/midtrans',
      },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      payment_type: 'qris',
      transaction_details: { order_id: contractKey.reference, gross_amount: 150000 },
      item_details: [{ name: 'Kopi susu', price: 75000, quantity: 2 }],
      qris: { acquirer: 'gopay' },
      custom_expiry: { expiry_duration: 15, unit: 'minute' },
      custom_field1: 'A-0042',
    });
  });

  it('looks up, cancels, expires and refunds by the charge’s id, or by our reference without one', async () => {
    server.script = json(200, { ...created, status_code: '200', transaction_status: 'settlement' });
    await provider.findCharge(contractKey, never);
    await provider.findCharge({ ...contractKey, providerChargeId: null }, never);
    await provider.cancelCharge(contractKey, never);
    await provider.expireCharge(contractKey, never);
    await provider.refundCharge(contractRefund, never);
    const id = contractKey.providerChargeId;
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /midtrans/v2/${id}/status`,
      `GET /midtrans/v2/${contractKey.reference}/status`,
      `POST /midtrans/v2/${id}/cancel`,
      `POST /midtrans/v2/${id}/expire`,
      `GET /midtrans/v2/${id}/status`,
      `POST /midtrans/v2/${id}/refund`,
    ]);
    expect(server.received[2]?.body).toBe('');
    expect(JSON.parse(server.received[5]?.body ?? '')).toEqual({
      refund_key: contractRefund.reference,
      amount: 50000,
      reason: 'Barang kosong',
    });
    const keys = server.received.flatMap(({ headers }) => headers['idempotency-key'] ?? []);
    expect(new Set(keys).size).toBe(3); // Midtrans shares keys across endpoints, so each call has its own
  });

  it('is not sent with an order id that Midtrans refuses', async () => {
    for (const reference of ['', 'x'.repeat(51), 'a b', 'a/b', 'é'])
      await expect(provider.createCharge({ ...contractRequest, reference }, never)).rejects.toBeInstanceOf(ProviderRejected);
    expect(server.connections).toBe(0);
  });
});

describe('a charge without the text of its QR', () => {
  const actions = [{ name: 'generate-qr-code', method: 'GET', url: 'http://127.0.0.1:1/stolen' }];

  it('is read from the image below our own base URL, whatever URL the answer names', async () => {
    server.script = inSequence(json(200, { ...created, qr_string: undefined, actions }), reply(404, ''));
    await expect(provider.createCharge(contractRequest, never)).rejects.toMatchObject({
      constructor: ProviderOutcomeUnknown,
      reason: 'no_qr',
      providerChargeId: contractKey.providerChargeId,
    });
    expect(server.received[1]).toMatchObject({ method: 'GET', path: `/midtrans/v2/qris/${contractKey.providerChargeId}/qr-code` });
    expect(server.received[1]?.headers.authorization).toBeUndefined(); // the image needs no key
  });

  it('is not requested by an id that has another form', async () => {
    server.script = json(200, { ...created, qr_string: undefined, transaction_id: '../../v2/charge' });
    await expect(provider.createCharge(contractRequest, never)).rejects.toMatchObject({ reason: 'unreadable', providerChargeId: null });
    expect(server.received).toHaveLength(1);
  });
});

describe('the expiry of a charge', () => {
  it('is the one that Midtrans states, else the transaction time plus the requested lifetime', async () => {
    server.script = json(200, { ...created, expiry_time: '2026-03-02 10:20:00' });
    expect((await provider.createCharge(contractRequest, never)).expiresAt).toEqual(new Date('2026-03-02T03:20:00Z'));
    server.script = json(200, created);
    expect((await provider.createCharge(contractRequest, never)).expiresAt).toEqual(new Date('2026-03-02T03:15:01Z'));
    server.script = json(200, { ...created, transaction_time: undefined });
    expect((await provider.createCharge(contractRequest, never)).expiresAt).toEqual(new Date('2026-03-02T03:15:00Z'));
  });

  it.each([
    ['2026-03-02T03:15:00Z', 900],
    ['2026-03-02T03:00:59.001Z', 60],
    ['2026-03-02T03:00:01Z', 20],
    ['2026-03-02T02:00:00Z', 20],
    ['2026-04-02T03:00:00Z', 7 * 24 * 3600],
  ])('%s is requested as %d seconds, within the limits of Midtrans', (at, seconds) => {
    expect(lifetimeSeconds(new Date(at), clock.now())).toBe(seconds);
  });

  it('is requested in minutes, or in seconds when it is no whole minute', () => {
    const at = (seconds: number) =>
      chargeBody({ ...contractRequest, expiresAt: plusMs(clock.now(), seconds * 1000) }, 'gopay', clock.now());
    expect(at(300).custom_expiry).toEqual({ expiry_duration: 5, unit: 'minute' });
    expect(at(301).custom_expiry).toEqual({ expiry_duration: 301, unit: 'second' });
  });
});

describe('items', () => {
  it('are whole, have names of 1 to 50 characters and sum to the amount, or are left out, for any input', () => {
    const item = fc.record({
      name: fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }), fc.constant('😀'.repeat(40))),
      price: fc.oneof(fc.integer({ min: -5_000, max: 100_000 }), fc.double()),
      quantity: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) }, { weight: 1, arbitrary: fc.integer() }),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), fc.boolean(), (items, sumsUp) => {
        const sum = items.reduce((total, { price, quantity }) => total + price * quantity, 0);
        const details = itemDetails(items, sumsUp ? sum : sum + 1);
        if (details === null) return;
        expect(sumsUp && details.length === items.length).toBe(true);
        for (const { name, price, quantity } of details) {
          expect(name.length >= 1 && name.length <= 50 && name.isWellFormed()).toBe(true);
          expect(Number.isSafeInteger(price) && Number.isSafeInteger(quantity) && quantity >= 1).toBe(true);
        }
        expect(details.reduce((total, { price, quantity }) => total + price * quantity, 0)).toBe(sum);
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('keep a discount, and cut a long name', () => {
    expect(
      itemDetails(
        [
          { name: `Kopi ${'susu '.repeat(20)}`, price: 20_000, quantity: 1 },
          { name: ' ', price: -5_000, quantity: 1 },
        ],
        15_000,
      ),
    ).toEqual([
      { name: `Kopi ${'susu '.repeat(9)}`, price: 20_000, quantity: 1 },
      { name: 'Item', price: -5_000, quantity: 1 },
    ]);
  });
});

describe('an idempotency key', () => {
  it('has 46 characters at most, differs by reference and operation, and is always the same for one call', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), fc.string({ minLength: 1, maxLength: 60 }), (one, other) => {
        const key = idempotencyKey(one, 'charge');
        expect(key.length).toBeLessThanOrEqual(46);
        expect(idempotencyKey(one, 'charge')).toBe(key);
        expect(idempotencyKey(one, 'refund')).not.toBe(key);
        if (one !== other) expect(idempotencyKey(other, 'charge')).not.toBe(key);
      }),
      { seed: 1 },
    );
    expect(idempotencyKey('pos-01kct5v8m0000000000000000-1', 'charge')).toBe('pos-01kct5v8m0000000000000000-1-charge');
  });
});

describe('a time', () => {
  it.each([
    ['2026-03-02 10:00:01', '2026-03-02T03:00:01.000Z'],
    ['2026-03-01 00:30:00', '2026-02-28T17:30:00.000Z'],
    ['2024-02-29 23:59:59', '2024-02-29T16:59:59.000Z'],
  ])('%s in Jakarta is %s', (wib, utc) => {
    expect(parseWib(wib)?.toISOString()).toBe(utc);
  });

  it.each([
    '2026-02-31 10:00:00',
    '2026-13-01 10:00:00',
    '2026-03-02 24:00:00',
    '2026-03-02T10:00:01',
    '2026-03-02 10:00:01Z',
    '2026-03-02',
    '',
    null,
    7,
    ['2026-03-02 10:00:01'],
  ])('%j is not a time', (text) => {
    expect(parseWib(text)).toBeNull();
  });
});

describe('a fee on top of the order amount', () => {
  const info = (original: unknown) => ({ extra_info: { gross_amount_info: { original_amount: original } } });
  const figures: [unknown, number][] = [
    ['10000.00', 10_000],
    [10_000, 10_000],
    ['10072', 10_071], // an original amount above the gross amount is ignored
    ['0', 10_071],
    ['-1', 10_071],
    ['abc', 10_071],
    [null, 10_071],
  ];
  it.each(figures)('is subtracted wherever it is reported: original %j of 10071 makes %d', (original, amount) => {
    expect(amountWithoutFee(rupiah(10_071), { metadata: info(original) })).toBe(amount);
    expect(amountWithoutFee(rupiah(10_071), info(original))).toBe(amount);
    expect(amountWithoutFee(rupiah(10_071), { ...info(original), metadata: { table: '7' } })).toBe(amount);
  });
  it.each(['71', 71, '71.00'])('is subtracted when only the fee is stated: %j', (fee) => {
    expect(amountWithoutFee(rupiah(10_071), { extra_info: { gross_amount_info: { customer_imposed_payment_fee: fee } } })).toBe(10_000);
  });
  it.each([undefined, null, 'text', [], {}, { extra_info: 7 }, { extra_info: { gross_amount_info: [] } }])(
    'is not read from %j',
    (unreadable) => {
      expect(amountWithoutFee(rupiah(10_071), { metadata: unreadable, extra_info: unreadable })).toBe(10_071);
    },
  );
});
