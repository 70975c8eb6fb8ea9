import { randomUUID } from 'node:crypto';
import { auditCommand } from '../../../packages/ops/src/audit-command.ts';
import { typed } from '../../../packages/ops/test/typed.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type House, startHouse } from '../../../testing/house.ts';
import { anOrder } from '../../../testing/pos-orders.ts';
import { aScreen, type Screen } from '../../../testing/screen.ts';
import type { PaymentBody, Till } from '../../../testing/till.ts';

/** `npm run soak:travel -- --payments=1000 --seed=1` */
const payments = Number(process.env.SOAK_PAYMENTS ?? 100);
const seed = Number(process.env.SOAK_SEED ?? 1);
const tills = 25;
const patienceMs = 60_000;
const outlets = ['JKT-01', 'BDG-01'];

let house: House;
let till: Till;
const screens = new Map<string, Screen>();
beforeAll(async () => {
  house = await startHouse();
  till = house.till();
  for (const outlet of outlets) screens.set(outlet, await aScreen(house.redisUrl, outlet));
}, 60_000);
afterAll(async () => {
  for (const screen of screens.values()) screen.close();
  await house?.stop();
});

type Journey = (payment: PaymentBody) => Promise<void>;

const pay = (reference: string) => house.simulator.pay(reference);
const hears = (type: string, payment: PaymentBody) => screens.get(payment.store_id)?.hears(type, payment, patienceMs);

const journeys = {
  paid: async (payment) => {
    await pay(payment.transaction_id);
    await hears('order.paid', payment);
  },
  late: async (payment) => {
    await house.simulator.expire(payment.transaction_id);
    await hears('payment.expired', payment);
    await pay(payment.transaction_id);
    await hears('payment.paid_late', payment);
  },
  /** The first provider lost its answer, the guest paid the second one's QR, and somehow the first one's too. */
  paidTwice: async (payment) => {
    expect(payment.transaction_id).toMatch(/-2$/);
    await pay(payment.transaction_id);
    await pay(payment.transaction_id.replace(/-2$/, '-1'));
    await hears('order.paid', payment);
    await hears('payment.duplicate_paid', payment);
  },
  cancelled: async (payment) => {
    await till.cancel(payment.payment_id);
    await hears('payment.cancelled', payment);
  },
  refunded: async (payment) => {
    await journeys.paid(payment);
    const refund = { body: { amount: 20_000, reason: 'the soup was cold' }, headers: { 'idempotency-key': randomUUID() } };
    await till.request('POST', `/transaction/payments/${payment.payment_id}/refunds`, refund);
    await hears('refund.succeeded', payment);
  },
} satisfies Record<string, Journey>;

/** 5 % late, 3 % cancelled, 5 % refunded. */
function journeyOf(n: number): Journey {
  const place = n % 100;
  if (place < 5) return journeys.late;
  if (place < 8) return journeys.cancelled;
  return place < 13 ? journeys.refunded : journeys.paid;
}

async function travel(n: number, journey: Journey): Promise<void> {
  const outlet = outlets[n % outlets.length] as string;
  const { body } = await till.create(await anOrder(house.pos, { outlet }), { prefer: 'wait=25' });
  expect(body.status).toBe('pending');
  await journey(body);
}

it(
  `${payments} payments travel badly, and the three books agree`,
  async () => {
    // Money for a QR that nobody saw, and that we have taken down by then, is known by its news alone: that may not be lost.
    await house.simulator.news({ duplicate: 0.2, shuffle: true, seed });
    const twice = Math.round(payments * 0.02);
    let next = 0;
    for (let n = 0; n < twice; n++) {
      await house.simulator.fault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
      await travel(next++, journeys.paidTwice);
      while (next % 4 > 0) await travel(next++, journeys.paid); // with every one a failure, its breaker would open
    }
    await house.simulator.news({ drop: 0.2, duplicate: 0.2, shuffle: true, bad_signature: 0.1, seed });
    const first = next;
    const one = async () => {
      while (next < payments) await travel(next, journeyOf(next++ - first));
    };
    await Promise.all(Array.from({ length: tills }, one));

    const report = await eventually(rested, patienceMs);
    expect(report).toMatchObject({ payments, findings: [] });
    for (const [storeId, screen] of screens) expect(numbersHeard(screen)).toEqual(await numbersTold(storeId));
  },
  60_000 + payments * 2_000,
);

interface Report {
  payments: number;
  charges: number;
  broken: number;
  waiting: number;
  findings: { state: string; rule: string; about: string }[];
}

/** What the audit says when nothing waits any more, or something is broken. */
async function rested(): Promise<Report | null> {
  const { out } = await typed([auditCommand], ['audit', '--json'], { DATA_DIR: house.dataDir });
  const report = JSON.parse(out) as Report;
  return report.waiting === 0 || report.broken > 0 ? report : null;
}

const numbersHeard = ({ events }: Screen): number[] => [...new Set(events.map(({ seq }) => seq))].sort((a, b) => a - b);

async function numbersTold(storeId: string): Promise<number[]> {
  const { rows } = await house.pos.query<{ seq: string }>('select seq from gateway.outbox where store_id = $1 order by seq', [storeId]);
  return rows.map(({ seq }) => Number(seq));
}
