import { about, type Json, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

const dayMs = 86_400_000;

async function paid(orderId: string, { issuer = 'dana', acquirer = 'gopay', amount = 150_000 } = {}): Promise<void> {
  await merchant.charge(orderId, amount, { qris: { acquirer } });
  merchant.simulator.controls.pay(orderId, { issuer });
}

const refund = async (id: string, body: Json = {}, path = 'refund'): Promise<Json> =>
  (await merchant.midtrans('POST', `/v2/${id}/${path}`, body)).body;
const status = async (id: string): Promise<Json> => (await merchant.midtrans('GET', `/v2/${id}/status`)).body;

describe('a refund at Midtrans', () => {
  it('of a part is approved at once, and the transaction is partial_refund', async () => {
    await paid('ORD-1');
    expect(await refund('ORD-1', { refund_key: 'RF-1', amount: 50_000, reason: 'Barang kosong' })).toMatchObject({
      status_code: '200',
      status_message: 'Success, refund request is approved',
      transaction_status: 'partial_refund',
      gross_amount: '150000.00',
      refund_amount: '50000.00',
      refund_key: 'RF-1',
      refund_chargeback_id: expect.any(Number),
      refund_chargeback_uuid: expect.any(String),
      settlement_time: expect.any(String),
    });
    expect(await status('ORD-1')).toMatchObject({
      status_code: '200',
      transaction_status: 'partial_refund',
      refund_amount: '50000.00',
      refunds: [{ refund_key: 'RF-1', refund_amount: '50000.00', reason: 'Barang kosong' }],
    });
  });

  it('of the rest makes the transaction refund, and needs no amount', async () => {
    await paid('ORD-1');
    await refund('ORD-1', { refund_key: 'RF-1', amount: 50_000 });
    expect(await refund('ORD-1', { refund_key: 'RF-2' })).toMatchObject({ transaction_status: 'refund', refund_amount: '100000.00' });
    expect(await status('ORD-1')).toMatchObject({ transaction_status: 'refund', refund_amount: '150000.00' });
  });

  it('never exceeds the amount paid', async () => {
    await paid('ORD-1');
    await refund('ORD-1', { refund_key: 'RF-1', amount: 100_000 });
    for (const amount of [50_001, 0, -1])
      expect(await refund('ORD-1', { refund_key: 'RF-2', amount })).toMatchObject({ status_code: '414' });
    expect((await status('ORD-1')).refund_amount).toBe('100000.00');
  });

  it('is answered with 406 for a used key, 412 before settlement, 404 for an unknown charge, 400 for invalid fields', async () => {
    await paid('ORD-1');
    await refund('ORD-1', { refund_key: 'RF-1', amount: 1 });
    expect(await refund('ORD-1', { refund_key: 'RF-1', amount: 1 })).toMatchObject({
      status_code: '406',
      status_message: 'Duplicate refund ID',
    });
    await merchant.charge('ORD-2');
    expect(await refund('ORD-2', { refund_key: 'RF-2' })).toMatchObject({ status_code: '412' });
    expect(await refund('ORD-unknown')).toMatchObject({ status_code: '404' });
    expect(await refund('ORD-1', { refund_key: 'with space', amount: 1.5 })).toMatchObject({ status_code: '400' });
  });

  it('may be requested again with its key after a refusal', async () => {
    await paid('ORD-1');
    expect(await refund('ORD-1', { refund_key: 'RF-1', amount: 999_999 })).toMatchObject({ status_code: '414' });
    expect(await refund('ORD-1', { refund_key: 'RF-1', amount: 1 })).toMatchObject({ status_code: '200' });
  });

  it('of a part is not possible at Shopee', async () => {
    await paid('ORD-1', { acquirer: 'airpay shopee' });
    expect(await refund('ORD-1', { refund_key: 'RF-1', amount: 1 })).toMatchObject({ status_code: '414' });
    expect(await refund('ORD-1', { refund_key: 'RF-1' })).toMatchObject({ transaction_status: 'refund' });
  });

  it('at Shopee is not possible from 23:55 to 06:00 when the switch says so', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_night_refund_block: true });
    await paid('ORD-1', { acquirer: 'airpay shopee' });
    const { clock } = merchant.simulator;
    const minuteNow = Math.floor((clock.now() + 7 * 3_600_000) / 60_000) % 1_440;
    clock.advance(((1_440 + 180 - minuteNow) % 1_440) * 60_000); // to 03:00
    expect(await refund('ORD-1')).toMatchObject({ status_code: '412' });
    clock.advance(4 * 3_600_000);
    expect(await refund('ORD-1')).toMatchObject({ status_code: '200' });
  });

  it.each([
    ['dana', 'by_issuer', 7],
    ['gopay', 'by_issuer', 45],
    ['dana', '45_days', 45],
  ] as const)('of a %s payment with window %s is possible for %i days', async (issuer, window, days) => {
    merchant.simulator.controls.setSwitches({ midtrans_refund_window: window });
    await paid('ORD-1', { issuer });
    merchant.simulator.clock.advance(days * dayMs - 60_000);
    expect(await refund('ORD-1', { refund_key: 'RF-1', amount: 1 })).toMatchObject({ status_code: '200' });
    merchant.simulator.clock.advance(120_000);
    expect(await refund('ORD-1', { refund_key: 'RF-2', amount: 1 })).toMatchObject({ status_code: '412' });
  });

  it('sends two webhooks: when it is approved, and when the wallet has confirmed it', async () => {
    await paid('ORD-1');
    await refund('ORD-1', { refund_key: 'RF-1', amount: 50_000 });
    const first = await merchant.inbox.first(about('partial_refund'));
    expect((first.body.refunds as Json[])[0]).not.toHaveProperty('bank_confirmed_at');
    expect((await status('ORD-1')).refunds).toEqual([expect.not.objectContaining({ bank_confirmed_at: expect.anything() })]);
    merchant.simulator.clock.advance(2_000);
    const [, second] = await merchant.inbox.deliveries(2, about('partial_refund'));
    expect(second?.body).toMatchObject({
      status_code: '200',
      refund_amount: '50000.00',
      refunds: [{ refund_key: 'RF-1', refund_method: 'online', bank_confirmed_at: expect.any(String) }],
    });
    expect(second?.body.signature_key).toBe(first.body.signature_key);
  });

  it('at the direct endpoint is confirmed at once', async () => {
    await paid('ORD-1');
    expect(await refund('ORD-1', { refund_key: 'RF-1' }, 'refund/online/direct')).toMatchObject({ status_code: '200' });
    expect(await status('ORD-1')).toMatchObject({ refunds: [{ bank_confirmed_at: expect.any(String) }] });
  });

  it('at the direct endpoint may be denied by the bank, and the charge stays settled', async () => {
    await paid('ORD-1');
    merchant.simulator.controls.addFault('midtrans', { operation: 'refund', fault: 'rejected' });
    expect(await refund('ORD-1', {}, 'refund/online/direct')).toMatchObject({
      status_code: '202',
      status_message: 'Refund denied by the bank',
    });
    expect(await status('ORD-1')).toMatchObject({ transaction_status: 'settlement' });
  });

  it('answers the sum of all refunds when the switch says cumulative', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_refund_amount: 'cumulative' });
    await paid('ORD-1');
    await refund('ORD-1', { refund_key: 'RF-1', amount: 50_000 });
    expect(await refund('ORD-1', { refund_key: 'RF-2', amount: 25_000 })).toMatchObject({ refund_amount: '75000.00' });
  });
});
