import { addToOrder, payInCash, payPartInCash, reduceOrder, reopenOrder, voidOrder } from '@gateway/testing/pos/pos-orders';
import fc from 'fast-check';
import type { HostState } from './host-states.ts';
import type { ModelRun, Scenario } from './model-run.ts';
import { canBeRead, step, weighted } from './step.ts';

/** A step of the host's own software, which reads and writes the order. */
const hostStep = (
  weight: number,
  name: string,
  isPossible: (scenario: Scenario) => boolean,
  action: (pool: ModelRun['worker']['db']['pool'], orderId: string, scenario: Scenario) => unknown,
) =>
  weighted(weight, fc.constant(0), () =>
    step(
      name,
      (scenario) => canBeRead(scenario.host) && isPossible(scenario),
      ({ worker, scenario }) => action(worker.db.pool, scenario.orderId, scenario),
    ),
  );

/** Cash is booked at once, so a host that books later is not asked for it. */
const takesCash = ({ host, isPayable, amountDue }: Scenario): boolean => host.now === 'as usual' && isPayable && amountDue > 0;
const partOf = (amount: number): number => Math.ceil(amount / 2);
const reduction = 4_000;

/** What the host's own software does to the order. */
export const hostSteps = [
  hostStep(
    3,
    'the guest orders more',
    ({ isPayable }) => isPayable,
    (pool, orderId) => addToOrder(pool, orderId, 7_000),
  ),
  hostStep(
    3,
    'a dish becomes cheaper',
    ({ isPayable, amountDue, records }) => isPayable && amountDue >= reduction && records.order.total > 5 * reduction,
    (pool, orderId) => reduceOrder(pool, orderId, reduction),
  ),
  hostStep(
    3,
    'a dish is swapped',
    ({ isPayable, records }) => isPayable && records.releases.length === 0,
    (pool, orderId) =>
      pool.query(`update pos.order_items set name = 'Mie Goreng', sku = 'MKN-002' where order_id = $1 and line_no = 1`, [orderId]),
  ),
  hostStep(2, 'cash', takesCash, (pool, orderId) => payInCash(pool, orderId)),
  hostStep(3, 'part cash', takesCash, (pool, orderId, { amountDue }) => payPartInCash(pool, orderId, partOf(amountDue))),
  hostStep(
    1,
    'void',
    ({ isPayable }) => isPayable,
    (pool, orderId) => voidOrder(pool, orderId),
  ),
  hostStep(
    4,
    'reopen',
    ({ records }) => records.order.status !== 'open' && records.order.status !== 'awaiting_payment',
    (pool, orderId) => reopenOrder(pool, orderId, 11_000),
  ),
  weighted(8, fc.constantFrom<HostState>('locked', 'unreadable', 'books later', 'as usual', 'as usual'), (state) =>
    step(
      `the host is ${state}`,
      ({ host }) => host.now !== state,
      ({ scenario }) => scenario.host.become(state, scenario.orderId),
    ),
  ),
];
