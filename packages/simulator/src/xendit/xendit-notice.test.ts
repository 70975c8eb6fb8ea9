import { about, type Json, type Merchant, openMerchant, until } from '../../test/merchant.ts';
import { inventedKeys } from '../account-options.ts';

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

const dataOf = async (event: string): Promise<Json> => (await merchant.inbox.first(about(event))).body.data as Json;

describe('a webhook from Xendit', () => {
  it('reports a captured payment, with the token and its own id', async () => {
    const made = await merchant.request('REF-1', 150_000, { metadata: { attempt: 'x1' } });
    merchant.simulator.controls.pay('REF-1', { issuer: 'dana' });
    const { body, headers } = await merchant.inbox.first(about('payment.capture'));
    expect(headers).toMatchObject({
      'x-callback-token': inventedKeys.xenditCallbackToken,
      'webhook-id': expect.any(String),
      'content-type': 'application/json',
    });
    expect(body).toMatchObject({
      event: 'payment.capture',
      business_id: made.business_id,
      created: expect.stringMatching(/Z$/),
      api_version: 'v3',
      data: {
        payment_id: expect.stringMatching(/^py-.{36}$/),
        reference_id: 'REF-1',
        payment_request_id: made.payment_request_id,
        type: 'PAY',
        request_amount: 150_000,
        captures: [{ capture_amount: 150_000 }],
        status: 'SUCCEEDED',
        payment_details: { issuer_name: 'DANA', network: 'QRIS' },
        metadata: { attempt: 'x1' },
      },
    });
  });

  it.each([
    ['expired', (): unknown => merchant.simulator.controls.expire('REF-1')],
    ['48 hours old', () => merchant.simulator.clock.advance(48 * 3_600_000)],
  ])('reports a payment request that is %s', async (_, act) => {
    const made = await merchant.request('REF-1');
    act();
    expect(await dataOf('payment_request.expiry')).toMatchObject({
      payment_request_id: made.payment_request_id,
      status: 'EXPIRED',
      reference_id: 'REF-1',
    });
  });

  it('reports a failed payment', async () => {
    await merchant.request('REF-1');
    merchant.simulator.controls.fail('REF-1');
    expect(await dataOf('payment.failure')).toMatchObject({
      status: 'FAILED',
      failure_code: expect.any(String),
      payment_id: expect.any(String),
    });
  });

  it('is not sent for a create or a cancel', async () => {
    const made = await merchant.request('REF-1');
    await merchant.xendit('POST', `/v3/payment_requests/${String(made.payment_request_id)}/cancel`);
    merchant.simulator.controls.pay('REF-1');
    await merchant.inbox.first(about('payment.capture'));
    expect(merchant.inbox.received).toHaveLength(1);
  });

  it('may be false: it has the valid token, and the payment request does not change', async () => {
    const made = await merchant.request('REF-1');
    for (const [status, event] of [
      ['paid', 'payment.capture'],
      ['expired', 'payment_request.expiry'],
      ['failed', 'payment.failure'],
    ]) {
      await merchant.control('POST', '/charges/REF-1/claim', { status });
      expect((await merchant.inbox.first(about(event ?? ''))).headers['x-callback-token']).toBe(inventedKeys.xenditCallbackToken);
    }
    expect((await merchant.control('POST', '/charges/REF-1/claim', { status: 'cancelled' })).status).toBe(409);
    const { body } = await merchant.xendit('GET', `/v3/payment_requests/${String(made.payment_request_id)}`);
    expect(body.status).toBe('REQUIRES_ACTION');
    expect(body).not.toHaveProperty('latest_payment_id');
  });

  it('has the form of the published examples when the switches say so', async () => {
    merchant.simulator.controls.setSwitches({ xendit_string_amounts: true, xendit_odd_webhooks: true });
    await merchant.request('REF-1');
    merchant.simulator.controls.pay('REF-1');
    const { body } = await merchant.inbox.first(about('payment.capture'));
    expect(body).not.toHaveProperty('api_version');
    expect(body.data).toMatchObject({
      request_amount: '150000',
      type: 'SINGLE_PAYMENT',
      captures: [{ capture_id: expect.stringMatching(/^cap-/) }],
    });
  });

  it('omits optional fields when the switch says so', async () => {
    merchant.simulator.controls.setSwitches({ xendit_sparse_webhooks: true });
    await merchant.request('REF-1');
    merchant.simulator.controls.pay('REF-1');
    const data = await dataOf('payment.capture');
    expect(data).not.toHaveProperty('captures');
    expect(data.payment_details).toEqual({});
  });
});

describe('a webhook that is not accepted', () => {
  it.each([500, 404, 401, 302])(
    'because of %i is retried six times over 24 hours, with the same id and a new created',
    async (answerStatus) => {
      merchant.inbox.respond = () => ({ status: answerStatus, headers: { location: '/elsewhere' } });
      await payAndRunAllRetries();
      expect(minutesBetweenAttempts()).toEqual([15, 45, 120, 180, 360, 720]);
      const { received } = merchant.inbox;
      expect(received).toHaveLength(7);
      expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(new Set(received.map(({ body }) => body.created)).size).toBe(7);
      expect(new Set(received.map(({ body }) => JSON.stringify(body.data))).size).toBe(1);
    },
  );

  it('in time is not retried, unless the switch says so', async () => {
    merchant.inbox.respond = () => null;
    merchant.simulator.controls.setSwitches({ xendit_webhook_timeout_ms: 20 });
    await payAndRunAllRetries();
    expect(merchant.inbox.received).toHaveLength(1);
    merchant.simulator.controls.reset();
    merchant.simulator.controls.setSwitches({ xendit_webhook_timeout_ms: 20, xendit_retries_after_timeout: true });
    merchant.inbox.received.length = 0;
    await payAndRunAllRetries();
    expect(merchant.inbox.received).toHaveLength(7);
  });

  it('because the port is closed is retried', async () => {
    merchant.simulator.fakes.xendit.putAccount('default', {
      secret_key: inventedKeys.xenditSecretKey,
      callback_token: inventedKeys.xenditCallbackToken,
      notification_url: 'http://127.0.0.1:1/', // port 1, where no service listens
    });
    await payAndRunAllRetries();
    expect(attempts().map(({ result }) => result)).toEqual(Array(7).fill('ECONNREFUSED'));
  });
});

const attempts = () => merchant.simulator.book.find('REF-1')?.notices[0]?.attempts ?? [];
const minutesBetweenAttempts = () =>
  attempts()
    .slice(1)
    .map(({ at }, index) => Math.round((at - (attempts()[index]?.at ?? 0)) / 60_000));

/** Pays, then advances the clock five minutes at a time until no delivery is in progress or waiting. */
async function payAndRunAllRetries(): Promise<void> {
  await merchant.request('REF-1');
  merchant.simulator.controls.pay('REF-1');
  await until(() => attempts().length > 0);
  for (;;) {
    await until(() => attempts().at(-1)?.result !== null);
    if (merchant.simulator.fakes.xendit.sender.underway === 0) return;
    merchant.simulator.clock.advance(300_000);
  }
}
