import { loadReference } from '@gateway/host-kit';
import {
  aWrite,
  type HostTransaction,
  hostDatabase,
  inHost,
  must,
  referenceFolder,
  type TestHostDatabase,
} from '../../test/host-fixture.ts';
import { makeBill } from '../payment/index.ts';
import { newReference } from '../runtime/index.ts';
import type { HostWriteName } from './statements/statement-parameters.ts';

const folder = referenceFolder('erp');
const tenant = 'RSA';
let db: TestHostDatabase;
beforeAll(async () => {
  db = await hostDatabase(folder);
});
afterAll(() => db.close());

const rows = async (sql: string, values: unknown[] = []) => (await db.client.query(sql, values)).rows;
const one = async (sql: string, values: unknown[] = []) => (await rows(sql, values))[0];
const inErp = <T>(work: (tools: HostTransaction) => Promise<T>, client = db.client, as = tenant): Promise<T> =>
  inHost(folder, client, as, work);
const read = (orderId: string, as = tenant) =>
  inErp(({ client, orders }) => orders.readPayable(client, { orderId, tenant: as }), db.client, as);
const billOf = async (orderId: string, as = tenant) => {
  const { order, lines, charges } = must(await read(orderId, as));
  return makeBill({ ...order, lines, charges }, folder.money);
};
const invoice = (docNo: string) =>
  one('select payment_status, outstanding, modified, modified_by from erp."Sales Invoice" where doc_no = $1', [docNo]);
const entry = (reference: string) =>
  one('select *, created::text as created_text, pay_date::text as day from erp."Payment Entry" where reference_no = $1', [reference]);

async function aPaymentFor(docNo: string) {
  const { order, lines, charges } = must(await read(docNo));
  const { amount, recordAmount, residue } = makeBill({ ...order, lines, charges }, folder.money);
  const values = aWrite({ ...order, orderVersion: order.version, reference: newReference('erp'), amount, recordAmount, residue });
  const write = (name: HostWriteName, overrides: Partial<typeof values> = {}) =>
    inErp(({ client, orders }) => orders.writeInSavepoint(client, name, { ...values, ...overrides }));
  const created = await write('created');
  return { order, values, write, created };
}

const tookEffect = { kind: 'took_effect', hostPaymentKey: null };
const refused = { kind: 'refused' };

describe('reading from the ERP', () => {
  it('finds forty payable invoices of the first company, and every one of them reconciles', async () => {
    const payable = await rows(`select doc_no from erp."Sales Invoice" where company_code = 'RSA' and doc_type = 'SI' and doc_status = 'CO'
      and is_active = 'Y' and payment_status <> 'Paid' order by doc_no`);
    expect(payable).toHaveLength(40);
    for (const { doc_no } of payable) expect((await billOf(doc_no)).amount).toBeGreaterThan(0);
  });

  it.each([
    ['INV/SMG/2026/00101', { due: '35772.5', amount: 35_773, residue: '0.5', recordAmount: '35772.5' }], // half a rupiah
    ['INV/SMG/2026/00103', { due: '108888.8887', amount: 108_889, residue: '0.1113' }], // header discount, taxes taken before it
    ['INV/JKT/2026/00102', { due: '150000', paid: '70000', amount: 150_000 }], // part-paid, rounding switched off
    ['INV/JKT/2026/00104', { due: '10000000', amount: 10_000_000 }], // at the ceiling
    ['INV/JKT/2026/00001', { due: '134400', amount: 134_400 }], // rounded by the erp itself
  ])('charges exactly the amount due of %s', async (docNo, expected) => {
    expect(await billOf(docNo)).toMatchObject(expected);
  });

  it('shows a tax that is included in the prices, and does not add it', async () => {
    const { order, lines, charges } = must(await read('INV/SMG/2026/00003'));
    expect(charges.filter(({ kind }) => kind === 'tax')).toEqual([{ kind: 'tax', amount: expect.any(String), included: true }]);
    expect(makeBill({ ...order, lines, charges }, folder.money).due).toBe('216443.178');
  });

  it('reads order charges from all four tables', async () => {
    const { charges } = must(await read('INV/JKT/2026/00003'));
    expect(charges.map(({ kind }) => kind)).toEqual(['service_charge', 'tax', 'discount', 'rounding']);
    const { charges: takeaway } = must(await read('INV/JKT/2026/00002'));
    expect(takeaway[0]).toEqual({ kind: 'delivery', amount: '12000.0000', included: false });
  });

  it('leaves out a line that was removed from the invoice', async () => {
    const { lines } = must(await read('INV/JKT/2026/00004'));
    const all = await rows(`select 1 from erp."Sales Invoice Line" where doc_no = 'INV/JKT/2026/00004' and item_code is not null`);
    expect(all).toHaveLength(lines.length + 1);
  });

  it.each([
    ['INV/JKT/2026/00105', 'the invoice is a draft'],
    ['INV/JKT/2026/00106', 'the invoice is closed or void'],
    ['INV/JKT/2026/00107', 'the invoice is closed or void'],
    ['INV/JKT/2026/00108', 'the invoice is not active'],
    ['INV/JKT/2026/00109', 'the invoice is paid'],
    ['CN/JKT/2026/00001', 'the document is a credit note'],
  ])('gives the reason why %s is not payable', async (docNo, reason) => {
    expect(must(await read(docNo)).order).toMatchObject({ payable: false, reason });
  });

  it('separates the branches of two companies, and shows neither to the other', async () => {
    expect(must(await read('INV/JKT/2026/00001')).order.storeId).toBe('RSA-JKT');
    expect(must(await read('KNJ/INV/JKT/2026/00001', 'KNJ')).order.storeId).toBe('KNJ-JKT');
    expect(await read('KNJ/INV/JKT/2026/00001')).toBeNull();
  });
});

describe('writing to the ERP', () => {
  it('inserts a draft document with the next number of its branch, in local time', async () => {
    const { values, created } = await aPaymentFor('INV/SMG/2026/00101');
    expect(created).toEqual({ kind: 'took_effect', hostPaymentKey: 'PAY/RSA/SMG/2026/00001' });
    expect(await entry(values.reference)).toMatchObject({
      doc_status: 'DR',
      amount: '35772.5000',
      day: '2026-03-02',
      created_text: '2026-03-02 10:00:00',
    });
    expect(await invoice('INV/SMG/2026/00101')).toMatchObject({ payment_status: 'Unpaid', outstanding: '35772.5000' });
  });

  it('completes the document once, and the ERP closes the invoice to the exact amount', async () => {
    const { values, write } = await aPaymentFor('INV/SMG/2026/00001');
    expect(await write('paid')).toEqual(tookEffect);
    expect(await entry(values.reference)).toMatchObject({ doc_status: 'CO', amount: '360500.1400' });
    const closed = await invoice('INV/SMG/2026/00001');
    expect(closed).toMatchObject({ payment_status: 'Paid', outstanding: '0.0000', modified_by: 'qris-gateway' });
    for (const name of ['paid', 'expired', 'failed', 'cancelled'] as const) expect(await write(name)).toEqual(refused);
    expect(await invoice('INV/SMG/2026/00001')).toEqual(closed);
    expect(must(await read('INV/SMG/2026/00001')).order).toMatchObject({
      payable: false,
      reason: 'the invoice is paid',
      paid: '360500.1400',
    });
  });

  it.each([
    ['expired', 'INV/JKT/2026/00005'],
    ['failed', 'INV/JKT/2026/00006'],
    ['cancelled', 'INV/JKT/2026/00007'],
  ] as const)('voids the document once when the payment is %s, and still accepts a late payment', async (name, docNo) => {
    const { values, write } = await aPaymentFor(docNo);
    expect(await write(name)).toEqual(tookEffect);
    expect(await write(name)).toEqual(refused);
    expect(await entry(values.reference)).toMatchObject({ doc_status: 'VO' });
    expect(await write('paid')).toEqual(tookEffect);
    expect(await invoice(docNo)).toMatchObject({ payment_status: 'Paid' });
  });

  it('pays the rest of an invoice that was partly paid', async () => {
    const { write } = await aPaymentFor('INV/JKT/2026/00102');
    expect(await write('paid')).toEqual(tookEffect);
    expect(await invoice('INV/JKT/2026/00102')).toMatchObject({ payment_status: 'Paid', outstanding: '0.0000' });
  });

  it('refuses the payment when the invoice was paid another way while the QR was on display', async () => {
    const first = await aPaymentFor('INV/JKT/2026/00008');
    const second = await aPaymentFor('INV/JKT/2026/00008');
    expect(await first.write('paid')).toEqual(tookEffect);
    expect(await second.write('paid')).toEqual(refused);
    expect(await entry(second.values.reference)).toMatchObject({ doc_status: 'DR' });
  });

  it('has no statement for a refund', async () => {
    const { write } = await aPaymentFor('INV/JKT/2026/00009');
    expect(await write('refunded')).toEqual({ kind: 'absent' });
  });

  it('numbers documents without a gap, also when they are created at the same time and some are rolled back', async () => {
    const docNo = 'KNJ/INV/JKT/2026/00002';
    const make = (client: typeof db.client, keep: boolean) =>
      inErp(
        async ({ orders }) => {
          const order = must(await orders.lockOrder(client, { orderKey: docNo, tenant: 'KNJ' }));
          const outcome = await orders.write(client, 'created', aWrite({ ...order, reference: newReference('erp') }));
          if (!keep) throw new Error('roll back');
          return outcome;
        },
        client,
        'KNJ',
      ).catch(() => null);
    for (let round = 0; round < 10; round++) await Promise.all([make(db.client, round % 2 === 0), make(db.other, round % 3 === 0)]);
    const numbers = await rows(`select pay_no from erp."Payment Entry" where company_code = 'KNJ' order by pay_no`);
    expect(numbers.map(({ pay_no }) => pay_no)).toEqual(numbers.map((_, i) => `PAY/KNJ/JKT/2026/${String(i + 1).padStart(5, '0')}`));
    expect(numbers).toHaveLength(9);
  });

  it('does not cut the hundred thousandth number to five digits', async () => {
    await db.client.query(`insert into erp."Document Counter" values ('PAY/RSA/JKT/2027/', 99999)`);
    const { values } = await aPaymentFor('INV/JKT/2026/00010');
    const later = { ...values, reference: newReference('erp'), now: new Date('2026-12-31T18:00:00Z') }; // in Jakarta it is 2027
    const made = await inErp(({ client, orders }) => orders.write(client, 'created', later));
    expect(made).toEqual({ kind: 'took_effect', hostPaymentKey: 'PAY/RSA/JKT/2027/100000' });
  });
});

it('keeps existing rows when the demo is loaded again', async () => {
  const before = await rows('select * from erp."Sales Invoice" order by doc_no');
  await Promise.all([loadReference(db.client, folder, { demo: true }), loadReference(db.other, folder, { demo: true })]);
  expect(await rows('select * from erp."Sales Invoice" order by doc_no')).toEqual(before);
});
