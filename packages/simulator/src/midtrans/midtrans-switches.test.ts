import { chargeBody, type HttpResult, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
});
afterAll(() => merchant.stop());

const create = (orderId: string, amount = 150_000): Promise<HttpResult> =>
  merchant.midtrans('POST', '/v2/charge', chargeBody(orderId, amount));
const status = (id: unknown) => merchant.midtrans('GET', `/v2/${String(id)}/status`);

describe('a switch of Midtrans', () => {
  it('copies the code of the body to the HTTP status', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_http_status: 'copies_body' });
    expect((await create('ORD-1')).status).toBe(201);
    expect((await create('ORD-1')).status).toBe(406);
    expect((await status('ORD-unknown')).status).toBe(404);
    expect((await merchant.midtrans('POST', '/v2/ORD-1/expire')).status).toBe(407);
    expect((await merchant.midtrans('POST', '/v2/ORD-1/cancel')).status).toBe(412);
    expect((await create('A', 0.5)).status).toBe(400);
  });

  it('omits expiry_time, qr_string and the second picture', async () => {
    merchant.simulator.controls.setSwitches({
      midtrans_omit_expiry_time: true,
      midtrans_omit_qr_string: true,
      midtrans_omit_qr_code_v2: true,
    });
    const body = await merchant.charge('ORD-1');
    expect(body).not.toHaveProperty('expiry_time');
    expect(body).not.toHaveProperty('qr_string');
    expect(body.actions).toHaveLength(1);
  });

  it('reports a pending charge as PENDING with code 200', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_status_of_pending: '200_upper_case' });
    await merchant.charge('ORD-1');
    expect((await status('ORD-1')).body).toMatchObject({ status_code: '200', transaction_status: 'PENDING' });
  });

  it('charges the payer a fee, and keeps the original amount in the metadata', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_fee_imposition: true });
    await merchant.charge('ORD-1', 10_000, { metadata: { attempt: 'm1' } });
    merchant.simulator.controls.pay('ORD-1');
    expect((await status('ORD-1')).body).toMatchObject({
      gross_amount: '10071.00',
      metadata: { attempt: 'm1', extra_info: { gross_amount_info: { original_amount: '10000' } } },
    });
  });

  it.each([
    ['top_level', '10000'],
    ['top_level_numbers', 10_000],
  ] as const)('keeps the original amount in extra_info: %s', async (midtrans_fee_info, original_amount) => {
    merchant.simulator.controls.setSwitches({ midtrans_fee_imposition: true, midtrans_fee_info });
    await merchant.charge('ORD-1', 10_000);
    merchant.simulator.controls.pay('ORD-1');
    expect((await status('ORD-1')).body).toMatchObject({ extra_info: { gross_amount_info: { original_amount } } });
  });

  it('answers a status with the transaction id in place of the order id', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_order_id_of_status: 'transaction_id' });
    const { transaction_id } = await merchant.charge('ORD-1');
    expect((await status('ORD-1')).body).toMatchObject({ order_id: transaction_id, transaction_id });
  });

  it('limits polls and charges with HTTP 429', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_status_poll_gap_s: 10, midtrans_charges_per_minute: 1 });
    await merchant.charge('ORD-1');
    expect((await create('ORD-2')).status).toBe(429);
    expect((await status('ORD-1')).status).toBe(200);
    expect((await status('ORD-1')).status).toBe(429);
    merchant.simulator.clock.advance(61_000);
    expect((await status('ORD-1')).status).toBe(200);
    expect((await create('ORD-2')).status).toBe(200);
  });
});
