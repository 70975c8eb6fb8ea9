import fc from 'fast-check';
import type { HostState } from './host-states.ts';
import type { ModelRun, Scenario } from './model-run.ts';
import type { OrderSoftware } from './order-software.ts';
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
    run: ({ scenario: { software, orderId } }) => software.addDish(orderId, 7_000),
  },
  'a dish becomes cheaper': {
    weight: 3,
    isPossible: ({ isPayable, amountDue, records }) => isPayable && amountDue > reduction && records.order.total > 5 * reduction,
    run: ({ scenario: { software, orderId } }) => software.reduce(orderId, reduction),
  },
  'a dish is swapped': {
    weight: 3,
    isPossible: ({ isPayable, records }) => isPayable && records.releases.length === 0,
    run: ({ scenario: { software, orderId } }) => software.swapDish(orderId),
  },
  cash: { weight: 2, isPossible: takesCash, run: ({ scenario: { software, orderId } }) => software.payInCash(orderId) },
  'part cash': {
    weight: 3,
    isPossible: takesCash,
    run: ({ scenario: { software, orderId, amountDue } }) => software.payPartInCash(orderId, Math.ceil(amountDue / 2)),
  },
  void: { weight: 1, isPossible: ({ isPayable }) => isPayable, run: ({ scenario: { software, orderId } }) => software.voidOrder(orderId) },
  delete: {
    weight: 1,
    isPossible: ({ isPayable, software }) => isPayable && software.hostId === 'pos',
    run: ({ scenario: { software, orderId } }) => software.deleteOrder(orderId),
  },
} as const satisfies Record<string, HostChange>;

/** The waiter opens a paid or void order again and adds a dish. By API, a paid order stays as it is. */
export const reopen: HostChange = {
  weight: 14,
  isPossible: ({ isPayable, records: { order }, software }) =>
    !isPayable && !order.isDeleted && (software.hostId === 'pos' || order.status === 'void'),
  run: ({ scenario: { software, orderId } }) => software.reopen(orderId, reopened),
};

const changeStep = ([kind, { weight, isPossible, run }]: [string, HostChange]) =>
  always(weight, kind, (scenario) => canBeRead(scenario.host) && isPossible(scenario), run);

/** Whether the host can come into this state. Nothing books the orders by API later: their tables are the gateway's own. */
export const mayBe = (state: HostState, { hostId }: OrderSoftware): boolean => state !== 'books later' || hostId === 'pos';

const stateStep = (state: HostState, weight: number) =>
  weighted(weight, `the host is ${state}`, fc.constant(0), () =>
    condition(
      `the host is ${state}`,
      ({ host, software }) => host.now !== state && mayBe(state, software),
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
