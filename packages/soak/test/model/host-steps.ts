import { addToOrder, deleteOrder, payInCash, payPartInCash, reduceOrder, reopenOrder, voidOrder } from '@gateway/testing/pos/pos-orders';
import fc from 'fast-check';
import type { HostState } from './host-states.ts';
import type { ModelRun, Scenario } from './model-run.ts';
import { always, canBeRead, condition, weighted } from './step.ts';

/** What the host's own software does to the order, which it reads and writes. */
interface HostChange {
  weight: number;
  isPossible: (scenario: Scenario) => boolean;
  run: (modelRun: ModelRun) => unknown;
}

/** Cash is booked at once, so a host that books later is not asked for it. */
const takesCash = ({ host, isPayable, amountDue }: Scenario): boolean => host.now === 'as usual' && isPayable && amountDue > 0;
const reduction = 4_000;
const reopened = 11_000;

/** Changes of an order that may be paid. */
export const orderChanges = {
  'the guest orders more': {
    weight: 3,
    isPossible: ({ isPayable }) => isPayable,
    run: ({ worker, scenario }) => addToOrder(worker.db.pool, scenario.orderId, 7_000),
  },
  'a dish becomes cheaper': {
    weight: 3,
    isPossible: ({ isPayable, amountDue, records }) => isPayable && amountDue > reduction && records.order.total > 5 * reduction,
    run: ({ worker, scenario }) => reduceOrder(worker.db.pool, scenario.orderId, reduction),
  },
  'a dish is swapped': {
    weight: 3,
    isPossible: ({ isPayable, records }) => isPayable && records.releases.length === 0,
    run: ({ worker, scenario }) =>
      worker.db.pool.query(`update pos.order_items set name = 'Mie Goreng', sku = 'MKN-002' where order_id = $1 and line_no = 1`, [
        scenario.orderId,
      ]),
  },
  cash: { weight: 2, isPossible: takesCash, run: ({ worker, scenario }) => payInCash(worker.db.pool, scenario.orderId) },
  'part cash': {
    weight: 3,
    isPossible: takesCash,
    run: ({ worker, scenario }) => payPartInCash(worker.db.pool, scenario.orderId, Math.ceil(scenario.amountDue / 2)),
  },
  void: { weight: 1, isPossible: ({ isPayable }) => isPayable, run: ({ worker, scenario }) => voidOrder(worker.db.pool, scenario.orderId) },
  delete: {
    weight: 1,
    isPossible: ({ isPayable }) => isPayable,
    run: ({ worker, scenario }) => deleteOrder(worker.db.pool, scenario.orderId),
  },
} as const satisfies Record<string, HostChange>;

/** The waiter opens a paid or void order again and adds a dish. */
export const reopen: HostChange = {
  weight: 14,
  isPossible: ({ isPayable, records }) => !isPayable && !records.order.isDeleted,
  run: ({ worker, scenario }) => reopenOrder(worker.db.pool, scenario.orderId, reopened),
};

const changeStep = ([kind, { weight, isPossible, run }]: [string, HostChange]) =>
  always(weight, kind, (scenario) => canBeRead(scenario.host) && isPossible(scenario), run);

const stateStep = (state: HostState, weight: number) =>
  weighted(weight, `the host is ${state}`, fc.constant(0), () =>
    condition(
      `the host is ${state}`,
      ({ host }) => host.now !== state,
      ({ scenario }) => scenario.host.become(state, scenario.orderId),
    ),
  );

/** Changes of the order, and what is wrong with the host for a while. */
export const hostSteps = [
  ...Object.entries({ ...orderChanges, reopen }).map(changeStep),
  stateStep('locked', 2),
  stateStep('unreadable', 2),
  stateStep('books later', 2),
  stateStep('as usual', 4),
];
