import { hash } from 'node:crypto';
import { about, chargeBody, type Merchant, openMerchant, until, type Webhook } from '../../test/merchant.ts';
import { inventedKeys } from '../account-options.ts';
import { signatureKey, wibTime } from './midtrans-wire.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
  merchant.inbox.received.length = 0;
  merchant.inbox.respond = () => ({ status: 200 });
});
afterAll(() => merchant.stop());

const isSigned = ({ body }: Webhook): boolean =>
  body.signature_key === hash('sha512', `${body.order_id}${body.status_code}${body.gross_amount}${inventedKeys.midtransServerKey}`);

describe('a signature', () => {
  it('equals the documented sample', () => {
    expect(signatureKey('1111', '200', '100000.00', 'askvnoibnosifnboseofinbofinfgbiufglnbfg')).toBe(
      'edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e2375d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231',
    );
  });

  it.each([
    [
      '201',
      '9e7a2b562d122905fd8677f5490601c8150ccafcc296f94d2cfdd80a8dd3579d4de82c7c45fbff87885db2cc9a440f7b7af16c8a747eb4f1d685501269e74206',
    ],
    [
      '200',
      '28f3b8d6af1b6e9cf4c844eff37371bcc56228e2204f64a535cb817431de99dfc7f8875726a1cb8a0705bd2afc16edd548d4d3b659090c8a68dbb40ff0c18a57',
    ],
    [
      '202',
      '1a174654d80ddcf2389d04ef53f22632d83d8716bd6f8dfc5061f6edf02c78a528181e9dd5424c2444174e7dbb7e6d736611996ecf93660682a56b800f80ebfb',
    ],
  ])('of code %s equals the documented notifications', (code, expected) => {
    expect(signatureKey('ORD-2026-000123-m1', code, '150000.00', inventedKeys.midtransServerKey)).toBe(expected);
  });
});

describe('a time', () => {
  it('is Western Indonesian, without an offset', () => {
    expect(wibTime(Date.parse('2026-03-02T03:00:01Z'))).toBe('2026-03-02 10:00:01');
    expect(wibTime(Date.parse('2026-03-01T17:30:00Z'))).toBe('2026-03-02 00:30:00');
  });
});

describe('a notification', () => {
  it('of the pending charge follows its creation', async () => {
    const made = await merchant.charge('ORD-1');
    const webhook = await merchant.inbox.first(about('pending'));
    expect(webhook.body).toMatchObject({
      transaction_status: 'pending',
      transaction_id: made.transaction_id,
      status_message: 'midtrans payment notification',
      status_code: '201',
      payment_type: 'qris',
      order_id: 'ORD-1',
      merchant_id: 'G000000001',
      gross_amount: '150000.00',
      fraud_status: 'accept',
      currency: 'IDR',
      acquirer: 'gopay',
    });
    expect(isSigned(webhook)).toBe(true);
    expect(webhook.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Veritrans' });
  });

  it.each([
    ['settlement', '200', () => merchant.simulator.controls.pay('ORD-1')],
    ['expire', '202', () => merchant.simulator.controls.expire('ORD-1')],
    ['expire', '202', () => merchant.midtrans('POST', '/v2/ORD-1/expire')],
    ['expire', '202', () => merchant.simulator.clock.advance(15 * 60_000)],
    ['cancel', '202', () => merchant.midtrans('POST', '/v2/ORD-1/cancel')],
    ['deny', '202', () => merchant.simulator.controls.fail('ORD-1')],
  ])('of %s has code %s and a valid signature', async (transactionStatus, code, act) => {
    await merchant.charge('ORD-1', 150_000, { custom_field1: 'tenant-42' });
    await act();
    const webhook = await merchant.inbox.first(about(transactionStatus));
    expect(webhook.body).toMatchObject({ status_code: code, order_id: 'ORD-1', custom_field1: 'tenant-42' });
    expect(isSigned(webhook)).toBe(true);
  });

  it('of a settlement shows the issuer and the amount', async () => {
    await merchant.charge('ORD-1');
    merchant.simulator.controls.pay('ORD-1', { issuer: 'ovo', amount: 160_000 });
    const webhook = await merchant.inbox.first(about('settlement'));
    expect(webhook.body).toMatchObject({
      gross_amount: '160000.00',
      issuer: 'ovo',
      transaction_type: 'off-us',
      settlement_time: expect.any(String),
      expiry_time: expect.any(String),
      merchant_cross_reference_id: expect.any(String),
    });
    expect(isSigned(webhook)).toBe(true);
  });

  it('of a payment with a fee is signed over the amount with the fee', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_fee_imposition: true });
    await merchant.charge('ORD-1', 10_000);
    merchant.simulator.controls.pay('ORD-1');
    const webhook = await merchant.inbox.first(about('settlement'));
    expect(webhook.body).toMatchObject({
      gross_amount: '10071.00',
      metadata: {
        extra_info: { gross_amount_info: { original_amount: '10000', gross_amount: '10071', customer_imposed_payment_fee: '71' } },
      },
    });
    expect(isSigned(webhook)).toBe(true);
  });

  it('of a cancel or a refund is not sent when the switch says that QRIS has none', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_cancel_and_refund_notices: false });
    await merchant.charge('ORD-1');
    await merchant.midtrans('POST', '/v2/ORD-1/cancel');
    merchant.simulator.controls.pay('ORD-1');
    await merchant.inbox.first(about('settlement'));
    expect(merchant.inbox.received.filter(about('cancel'))).toEqual([]);
  });

  it('is sent where the request says, instead of or besides the address of its account', async () => {
    const elsewhere = merchant.simulator.fakes.midtrans.accounts()[0]?.notification_url?.replace('/midtrans', '/elsewhere') ?? '';
    const send = (orderId: string, header: string) =>
      merchant.midtrans('POST', '/v2/charge', chargeBody(orderId, 1), { [header]: elsewhere });
    await send('ORD-1', 'x-override-notification');
    await send('ORD-2', 'x-append-notification');
    const paths = (orderId: string) => (count: number) =>
      merchant.inbox.deliveries(count, ({ body }) => body.order_id === orderId).then((all) => all.map(({ path }) => path).sort());
    expect(await paths('ORD-2')(2)).toEqual(['/elsewhere', '/midtrans']);
    expect(await paths('ORD-1')(1)).toEqual(['/elsewhere']);
  });

  it('is sent to the address of its account, signed with the key of that account', async () => {
    const address = merchant.simulator.fakes.midtrans.accounts()[0]?.notification_url?.replace('/midtrans', '/outlet-2');
    merchant.simulator.fakes.midtrans.putAccount('outlet-2', { server_key: 'SB-Mid-server-OUTLET2', notification_url: address });
    const authorization = `Basic ${Buffer.from('SB-Mid-server-OUTLET2:').toString('base64')}`;
    await merchant.midtrans('POST', '/v2/charge', chargeBody('ORD-1', 150_000), { authorization });
    const webhook = await merchant.inbox.first(({ path }) => path === '/outlet-2');
    expect(webhook.body.signature_key).toBe(signatureKey('ORD-1', '201', '150000.00', 'SB-Mid-server-OUTLET2'));
  });
});

describe('a false webhook', () => {
  it.each([
    ['paid', 'settlement'],
    ['expired', 'expire'],
    ['cancelled', 'cancel'],
    ['failed', 'deny'],
  ])('that reports %s has a valid signature, and the charge does not change', async (status, transactionStatus) => {
    await merchant.charge('ORD-1');
    expect((await merchant.control('POST', '/charges/ORD-1/claim', { status })).status).toBe(202);
    expect(isSigned(await merchant.inbox.first(about(transactionStatus)))).toBe(true);
    expect((await merchant.midtrans('GET', '/v2/ORD-1/status')).body.transaction_status).toBe('pending');
  });
});

const outlivesRetries = { custom_expiry: { expiry_duration: 7, unit: 'day' } };

describe('a notification that is not accepted', () => {
  it.each([
    [500, 1],
    [503, 4],
    [400, 2],
    [404, 2],
    [301, 0],
    [302, 0],
    [303, 0],
    [401, 5],
    [418, 5],
  ])('with %i is sent again %i times', async (answerStatus, retries) => {
    merchant.inbox.respond = () => ({ status: answerStatus, headers: { location: '/elsewhere' } });
    await merchant.charge('ORD-1', 1, outlivesRetries);
    await runAllRetries();
    expect(merchant.inbox.received).toHaveLength(1 + retries);
    expect(new Set(merchant.inbox.received.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it('is retried after about 2 m, 10 m, 30 m, 1.5 h and 3.5 h', async () => {
    merchant.inbox.respond = () => ({ status: 401 });
    await merchant.charge('ORD-1', 1, outlivesRetries);
    await runAllRetries();
    const attempts = merchant.simulator.book.find('ORD-1')?.notices[0]?.attempts ?? [];
    const minutes = attempts.slice(1).map(({ at }, index) => (at - (attempts[index]?.at ?? 0)) / 60_000);
    expect(minutes).toHaveLength(5);
    [2, 10, 30, 90, 210].forEach((interval, index) => {
      expect(minutes[index]).toBeGreaterThan(interval * 0.25);
      expect(minutes[index]).toBeLessThan(interval * 1.25 + 0.1);
    });
  });

  it('is retried every minute when the switch says so', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_webhook_intervals: 'one_minute' });
    merchant.inbox.respond = () => ({ status: 503 });
    await merchant.charge('ORD-1', 1, outlivesRetries);
    await runAllRetries();
    const attempts = merchant.simulator.book.find('ORD-1')?.notices[0]?.attempts ?? [];
    expect((attempts.at(-1)?.at ?? 0) - (attempts[0]?.at ?? 0)).toBeLessThan(5.5 * 60_000);
  });

  it('is not retried once it is accepted', async () => {
    merchant.inbox.respond = () => ({ status: merchant.inbox.received.length < 3 ? 503 : 200 });
    await merchant.charge('ORD-1', 1, outlivesRetries);
    await runAllRetries();
    expect(merchant.inbox.received).toHaveLength(3);
  });

  it('is retried after a timeout', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_webhook_timeout_ms: 20 });
    merchant.inbox.respond = () => null;
    await merchant.charge('ORD-1', 1, outlivesRetries);
    await runAllRetries();
    expect(merchant.simulator.book.find('ORD-1')?.notices[0]?.attempts.map(({ result }) => result)).toEqual(Array(6).fill('timeout'));
  });

  it.each([307, 308])('follows %i with the same body, five times at most', async (answer) => {
    merchant.inbox.respond = () => ({ status: answer, headers: { location: '/again' } });
    await merchant.charge('ORD-1', 1, outlivesRetries);
    await until(() => merchant.simulator.book.find('ORD-1')?.notices[0]?.attempts[0]?.result === answer);
    const { received } = merchant.inbox;
    expect(received).toHaveLength(6);
    expect(new Set(received.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(received.at(-1)?.path).toBe('/again');
  });
});

/** Advances the clock a minute at a time until no delivery is in progress or waiting. */
async function runAllRetries(): Promise<void> {
  const { clock, fakes, book } = merchant.simulator;
  const attempts = () => book.find('ORD-1')?.notices[0]?.attempts ?? [];
  await until(() => attempts().length > 0);
  for (;;) {
    await until(() => attempts().at(-1)?.result !== null);
    if (fakes.midtrans.sender.underway === 0) return;
    clock.advance(60_000);
  }
}
