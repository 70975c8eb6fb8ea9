import { rupiah } from '@gateway/shared/payment';
import { claimForCaller, hidePayment, inTransaction, openRefund, type Payment } from '@gateway/shared/store';
import fc from 'fast-check';
import { jobThatCancels } from '../../../../services/api/src/payments/cancel-payment.ts';
import { addToOrder, payInCash, reopenOrder, voidOrder } from '../../../../testing/pos-orders.ts';
import { isSettled, lettersAbout, minute, openPayments, pick, second, seenQrs, some, step, unseenQrs, weighted } from './step.ts';

export const till = [
  weighted(
    16,
    fc.record({ expiresInMs: fc.constantFrom(minute, 15 * minute), its: fc.constantFrom('job is done', 'job waits', 'job is lost') }),
    (order) =>
      step(
        `create(${order.expiresInMs / second} s, its ${order.its})`,
        ({ payable, owed, isBusy }) => payable && owed > 0 && !isBusy,
        async (world) => {
          const { shop, story } = world;
          const { id, claims, status } = await shop.created({ orderId: story.orderId, expiresInMs: order.expiresInMs });
          if (order.its === 'job is lost' || status !== 'created') return;
          story.jobs.push({ name: 'charge', payload: { host: 'pos', paymentId: id, claim: claims } });
          if (order.its === 'job is done') await world.runQueue();
        },
      ),
  ),
  weighted(4, some, (n) =>
    step(
      `cancel(${n})`,
      (story) => openPayments(story).length > 0,
      async ({ shop, story }) => {
        const { id } = pick(openPayments(story), n);
        const claim = await hidePayment(shop.db.pool, id, 'client', shop.clock.now());
        const hidden = await shop.now({ id });
        if (claim !== null) story.jobs.push({ name: jobThatCancels(hidden), payload: { host: 'pos', paymentId: id, claim } });
      },
    ),
  ),
  weighted(2, some, (n) =>
    step(
      `check(${n})`,
      ({ records }) => records.payments.length > 0,
      async (world) => {
        const { shop, story } = world;
        const { id } = pick(story.records.payments, n);
        const now = shop.clock.now();
        const claim = await claimForCaller(shop.db.pool, id, { replyTo: 'api', now, leaseMs: 15 * second, unlessAskedSince: null });
        if (claim !== null) await world.run({ name: 'check-payment', payload: { host: 'pos', paymentId: id, claim } });
      },
    ),
  ),
  weighted(6, fc.record({ n: some, part: fc.constantFrom(0.3, 0.6, 1) }), ({ n, part }) =>
    step(
      `refund(${n}, ${part})`,
      ({ records }) => records.payments.some(isSettled),
      async ({ shop, story }) => {
        const payment: Payment = await shop.now(pick(story.records.payments.filter(isSettled), n));
        const accepted = (await shop.attempts(payment)).find((attempt) => attempt.accepted);
        if (!accepted?.paid) return;
        const amount = rupiah(Math.floor(accepted.paid * part));
        const refund = {
          payment,
          attemptNo: accepted.no,
          amount,
          cause: 'client',
          reason: 'a dish was cold',
          at: shop.clock.now(),
        } as const;
        await inTransaction(shop.db, (trx) => openRefund(trx, refund));
      },
    ),
  ),
];

export const guest = [
  weighted(12, fc.record({ n: some, more: fc.constantFrom(0, 0, 0, 0, 2_000, -1_000) }), ({ n, more }) =>
    step(
      `pay(${n}, ${more})`,
      (story) => seenQrs(story).length > 0,
      async ({ shop, story }) => {
        const charge = pick(seenQrs(story), n);
        shop.simulator.controls.pay(charge.id, { amount: charge.amount + more });
      },
    ),
  ),
  weighted(6, some, (n) =>
    step(
      `pay, and no word of it arrives(${n})`,
      (story) => seenQrs(story).length > 0,
      async ({ shop, story, post }) => {
        const charge = pick(seenQrs(story), n);
        shop.simulator.controls.pay(charge.id);
        await post.settled(shop.simulator);
        lettersAbout(story, charge);
      },
    ),
  ),
  weighted(1, some, (n) =>
    step(
      `pay what nobody showed(${n})`,
      (story) => unseenQrs(story).length > 0,
      async (world) => {
        const charge = pick(unseenQrs(world.story), n);
        world.shop.simulator.controls.pay(charge.id);
        await world.post.settled(world.shop.simulator);
        for (const letter of lettersAbout(world.story, charge)) await world.deliver(letter); // such money is found by its news, if at all
      },
    ),
  ),
];

export const host = [
  weighted(1, fc.constant(0), () =>
    step(
      'the guest orders more',
      ({ payable }) => payable,
      ({ shop, story }) => addToOrder(shop.db.pool, story.orderId, 7_000),
    ),
  ),
  weighted(1, fc.constant(0), () =>
    step(
      'cash',
      ({ payable, owed }) => payable && owed > 0,
      ({ shop, story }) => payInCash(shop.db.pool, story.orderId),
    ),
  ),
  weighted(1, fc.constant(0), () =>
    step(
      'void',
      ({ payable }) => payable,
      ({ shop, story }) => voidOrder(shop.db.pool, story.orderId),
    ),
  ),
  weighted(1, fc.constant(0), () =>
    step(
      'reopen',
      ({ records }) => records.order.status !== 'open',
      ({ shop, story }) => reopenOrder(shop.db.pool, story.orderId, 11_000),
    ),
  ),
  weighted(1, fc.boolean(), (isBusy) =>
    step(
      isBusy ? 'an editor holds the order' : 'the editor lets go',
      (story) => story.isBusy !== isBusy,
      ({ story }) => Object.assign(story, { isBusy }),
    ),
  ),
];
