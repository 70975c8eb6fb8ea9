import { randomUUID } from 'node:crypto';
import { opsCommands } from '@gateway/ops/commands';
import { runCommand } from '@gateway/ops/test/run-command';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { aScreen, type Screen } from '@gateway/testing/stack/screen';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody, Till } from '@gateway/testing/stack/till';

/** `npm run soak:travel -- --payments=1000 --seed=1` */
const payments = Number(process.env.SOAK_PAYMENTS ?? 30);
const seed = Number(process.env.SOAK_SEED ?? 1);
const tills = 25;
const timeoutMs = 60_000;
const outlets = ['JKT-01', 'BDG-01'];

let stack: TestStack;
let till: Till;
const screens = new Map<string, Screen>();
beforeAll(async () => {
  stack = await startTestStack();
  till = stack.till();
  for (const outlet of outlets) screens.set(outlet, await aScreen(stack.redisUrl, outlet));
});
afterAll(async () => {
  for (const screen of screens.values()) screen.close();
  await stack?.stop();
});

type Scenario = (payment: PaymentBody) => Promise<void>;

const pay = (reference: string) => stack.simulator.pay(reference);
const waitsFor = (type: string, payment: PaymentBody) => screens.get(payment.store_id)?.waitsFor(type, payment, timeoutMs);

const scenarios = {
  paid: async (payment) => {
    await pay(payment.transaction_id);
    await waitsFor('order.paid', payment);
  },
  late: async (payment) => {
    await stack.simulator.expire(payment.transaction_id);
    await waitsFor('payment.expired', payment);
    await pay(payment.transaction_id);
    await waitsFor('payment.paid_late', payment);
  },
  /** The first provider's answer was lost, and the guest paid the QRs of both providers. */
  paidTwice: async (payment) => {
    expect(payment.transaction_id).toMatch(/-2$/);
    await pay(payment.transaction_id);
    await pay(payment.transaction_id.replace(/-2$/, '-1'));
    await waitsFor('order.paid', payment);
    await waitsFor('payment.duplicate_paid', payment);
  },
  cancelled: async (payment) => {
    await till.cancel(payment.payment_id);
    await waitsFor('payment.cancelled', payment);
  },
  refunded: async (payment) => {
    await scenarios.paid(payment);
    const refund = { body: { amount: 20_000, reason: 'the soup was cold' }, headers: { 'idempotency-key': randomUUID() } };
    await till.request('POST', `/transaction/payments/${payment.payment_id}/refunds`, refund);
    await waitsFor('refund.succeeded', payment);
  },
} satisfies Record<string, Scenario>;

/** 5 % late, 3 % cancelled, 5 % refunded. */
function scenarioOf(n: number): Scenario {
  const percentile = n % 100;
  if (percentile < 5) return scenarios.late;
  if (percentile < 8) return scenarios.cancelled;
  return percentile < 13 ? scenarios.refunded : scenarios.paid;
}

async function runScenario(n: number, scenario: Scenario): Promise<void> {
  const outlet = outlets[n % outlets.length] as string;
  const { body } = await till.create(await anOrder(stack.pos, { outlet }), { prefer: 'wait=25' });
  expect(body.status).toBe('pending');
  await scenario(body);
}

it(
  `${payments} payments with unreliable webhooks: the records of the gateway, the hosts and the providers agree`,
  async () => {
    // Money for a QR that was never displayed, and whose charge is cancelled, is found by its webhook only. So none is dropped here.
    await stack.simulator.setDeliveryRules({ duplicate: 0.2, shuffle: true, seed });
    const twice = Math.round(payments * 0.02);
    let next = 0;
    for (let n = 0; n < twice; n++) {
      await stack.simulator.fault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
      await runScenario(next++, scenarios.paidTwice);
      while (next % 4 > 0) await runScenario(next++, scenarios.paid); // failures only would open the provider's breaker
    }
    await stack.simulator.setDeliveryRules({ drop: 0.2, duplicate: 0.2, shuffle: true, bad_signature: 0.1, seed });
    const first = next;
    const runTill = async () => {
      while (next < payments) await runScenario(next, scenarioOf(next++ - first));
    };
    await Promise.all(Array.from({ length: tills }, runTill));

    const report = await eventually(settledReport, timeoutMs);
    expect(report).toMatchObject({ payments, findings: [] });
    for (const [storeId, screen] of screens) expect(numbersReceived(screen)).toEqual(await numbersStored(storeId));
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

/** The audit's report once nothing waits any more, or something is broken. Null: something still waits. */
async function settledReport(): Promise<Report | null> {
  const { out } = await runCommand(opsCommands, ['audit', '--json'], { DATA_DIR: stack.dataDir });
  const report = JSON.parse(out) as Report;
  return report.waiting === 0 || report.broken > 0 ? report : null;
}

const numbersReceived = ({ events }: Screen): number[] => [...new Set(events.map(({ seq }) => seq))].sort((a, b) => a - b);

async function numbersStored(storeId: string): Promise<number[]> {
  const { rows } = await stack.pos.query<{ seq: string }>('select seq from gateway.outbox where store_id = $1 order by seq', [storeId]);
  return rows.map(({ seq }) => Number(seq));
}
