import { rupiah } from '@gateway/shared/payment';
import {
  claimForCaller,
  closeDiscrepancy,
  hidePayment,
  inTransaction,
  openRefund,
  type Payment,
  replayWebhooks,
} from '@gateway/shared/store';
import { type Charge, type Controls, type ProviderName, stateOf } from '@gateway/simulator';
import fc from 'fast-check';
import { jobThatCancels } from '../../../../services/api/src/payments/cancel-payment.ts';
import { addToOrder, payInCash, reopenOrder, voidOrder } from '../../../../testing/pos-orders.ts';
import type { Letter } from './post.ts';
import { referencesIn, type Story, type World } from './world.ts';

type Step = fc.AsyncCommand<World, World>;
type FaultName = Parameters<Controls['addFault']>[1]['fault'];

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Something that somebody does, if it can be done now. After it all must be well. */
function step(name: string, canHappen: (story: Story) => boolean, happens: (world: World) => unknown): Step {
  return {
    check: ({ story }) => canHappen(story),
    run: async (_, world) => {
      await happens(world);
      await world.observe();
    },
    toString: () => name,
  };
}

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
const some = fc.nat(7);
const providers = fc.constantFrom<ProviderName>('midtrans', 'xendit');

const isOpen = ({ status }: { status: string }): boolean => status === 'created' || status === 'pending';
const isSettled = ({ status }: { status: string }): boolean => status === 'paid' || status === 'partially_refunded';
const openPayments = ({ records }: Story) => records.payments.filter(isOpen);

/** QRs that a guest has seen, and may have kept a picture of, for as long as anybody looks. */
function seenQrs({ records, charges, now }: Story): Charge[] {
  const shown = records.payments
    .filter(({ watchUntil }) => watchUntil && new Date(watchUntil) > now())
    .map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return charges().filter((charge) => shown.includes(charge.reference) && isPayable(charge));
}

/** Charges whose QR nobody has displayed: they cannot be scanned, and who knows. */
function unseenQrs(story: Story): Charge[] {
  const shown = story.records.payments.map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return story.charges().filter((charge) => !shown.includes(charge.reference) && isPayable(charge));
}

const isPayable = (charge: Charge): boolean => charge.qrString !== null && !stateOf(charge).payment;

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>, make: (value: T) => Step) => ({ weight, arbitrary: arbitrary.map(make) });

const till = [
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

const guest = [
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

const host = [
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

const news = [
  weighted(10, some, (n) => step(`deliver(${n})`, hasLetters, async (world) => world.deliver(take(world.story, n)))),
  weighted(3, some, (n) =>
    step(`deliver twice(${n})`, hasLetters, async (world) => {
      const letter = take(world.story, n);
      await Promise.all([world.deliver(letter), world.deliver(letter)]);
      world.story.letters.push(letter); // and once more, some time
    }),
  ),
  weighted(2, some, (n) => step(`lose(${n})`, hasLetters, ({ story }) => take(story, n))),
  weighted(1, some, (n) =>
    step(`forge(${n})`, hasLetters, async (world) => {
      const letter = pick(world.story.letters, n);
      const body = Buffer.from(letter.body.toString().replace(/"signature_key":"[0-9a-f]{4}/, '"signature_key":"0bad'));
      const status = await world.deliver({ ...letter, body, headers: { ...letter.headers, 'x-callback-token': 'not it' } });
      if (status !== 401) throw new Error(`a forged webhook was answered ${status}`);
    }),
  ),
  weighted(2, fc.record({ n: some, what: fc.constantFrom('paid', 'expired', 'failed') }), ({ n, what }) =>
    step(
      `say untruly(${n}, ${what})`,
      (story) => story.charges().length > 0,
      ({ shop, story }) => shop.simulator.controls.claim(pick(story.charges(), n).id, what as 'paid'),
    ),
  ),
];

const outside = [
  weighted(1, fc.record({ n: some, how: fc.constantFrom('expire', 'fail') }), ({ n, how }) =>
    step(
      `provider lets it ${how}(${n})`,
      (story) => livingCharges(story).length > 0,
      ({ shop, story }) => shop.simulator.controls[how as 'expire'](pick(livingCharges(story), n).id),
    ),
  ),
  weighted(
    4,
    fc.record({
      provider: providers,
      operation: fc.constantFrom('create', 'create', 'status', 'cancel', 'refund', 'any'),
      fault: fc.constantFrom<FaultName>(
        'http_500',
        'http_500_after_effect',
        'reset_after_effect',
        'refuse',
        'rejected',
        'rate_limited',
        'truncated',
      ),
      times: fc.constantFrom(1, 1, 2, 5),
    }),
    ({ provider, operation, fault, times }) =>
      step(
        `${provider} ${operation} ${fault} ×${times}`,
        () => true,
        ({ shop }) => shop.simulator.controls.addFault(provider, { operation: operation as 'any', fault, times }),
      ),
  ),
  weighted(
    1,
    fc.record({ provider: providers, fault: fc.constantFrom<FaultName>('duplicate', 'wrong_amount_qr', 'no_qr') }),
    ({ provider, fault }) =>
      step(
        `${provider} create ${fault}`,
        () => true,
        ({ shop }) => shop.simulator.controls.addFault(provider, { operation: 'create', fault, times: 1 }),
      ),
  ),
  weighted(1, providers, (provider) =>
    step(
      `${provider} lags`,
      () => true,
      ({ shop }) => shop.simulator.controls.addFault(provider, { operation: 'status', fault: 'lag', times: 2, delay_ms: 3_600_000 }),
    ),
  ),
  weighted(1, providers, (provider) =>
    step(
      `${provider} is well`,
      () => true,
      ({ shop }) => shop.simulator.controls.clearFaults(provider),
    ),
  ),
];

const operators = [
  weighted(1, fc.record({ provider: providers, held: fc.boolean() }), ({ provider, held }) =>
    step(
      `${held ? 'hold' : 'release'} ${provider}`,
      () => true,
      async ({ shop }) => {
        const others = shop.settings.holds.filter((hold) => hold.provider !== provider);
        shop.settings.holds = held ? [...others, { provider, account: '*', storeId: '*', heldAt: shop.clock.now() }] : others;
      },
    ),
  ),
  weighted(1, fc.constantFrom('accept', 'refund', 'hold'), (wish) =>
    step(
      `late money: ${wish}`,
      () => true,
      ({ shop }) => Object.assign(shop.settings, { lateMoney: wish }),
    ),
  ),
  weighted(1, fc.constant(0), () =>
    step(
      'replay all webhooks',
      ({ records }) => records.inbox.length > 0,
      ({ shop, story }) => replayWebhooks(shop.db.pool, { since: story.startedAt, at: shop.clock.now(), everyMs: 200 }),
    ),
  ),
  weighted(1, some, (n) =>
    step(
      `close a discrepancy(${n})`,
      ({ records }) => records.discrepancies.some(({ closedAt }) => !closedAt),
      ({ shop, story }) => {
        const { id } = pick(
          story.records.discrepancies.filter(({ closedAt }) => !closedAt),
          n,
        );
        return closeDiscrepancy(shop.db, { id, host: 'pos', by: 'operator', because: 'seen', at: shop.clock.now() });
      },
    ),
  ),
];

const time = [
  weighted(4, fc.constantFrom(second, 3 * second, 10 * second, 35 * second, minute, 2 * minute, 15 * minute, hour), (ms) =>
    step(
      `${ms / second} s pass, and what is due is done`,
      () => true,
      async (world) => {
        world.shop.pass(ms);
        await world.sweep();
      },
    ),
  ),
  weighted(1, fc.constantFrom(3 * second, minute, 15 * minute, 25 * hour, 49 * hour), (ms) =>
    step(
      `${ms / second} s pass, and nobody is at work`,
      () => true,
      ({ shop }) => shop.pass(ms),
    ),
  ),
  weighted(3, fc.constant(0), () =>
    step(
      'the sweep',
      () => true,
      (world) => world.sweep(),
    ),
  ),
  weighted(3, fc.constant(0), () =>
    step(
      'the queue',
      ({ jobs }) => jobs.length > 0,
      (world) => world.runQueue(),
    ),
  ),
  weighted(2, some, (n) =>
    step(
      `one job(${n})`,
      ({ jobs }) => jobs.length > 0,
      (world) => world.run(...(world.story.jobs.splice(n % world.story.jobs.length, 1) as [World['story']['jobs'][number]])),
    ),
  ),
  weighted(1, fc.constant(0), () =>
    step(
      'Redis is flushed',
      ({ jobs }) => jobs.length > 0,
      ({ story }) => story.jobs.splice(0),
    ),
  ),
];

/** Everything that can happen between a till, a guest, two providers, the host, operators and time. */
export const steps = fc.oneof(...till, ...guest, ...host, ...news, ...outside, ...operators, ...time);

function hasLetters({ letters }: Story): boolean {
  return letters.length > 0;
}

function take({ letters }: Story, n: number): Letter {
  return letters.splice(n % letters.length, 1)[0] as Letter;
}

function lettersAbout({ letters }: Story, { reference }: Charge): Letter[] {
  const about = letters.filter(({ body }) => referencesIn(body).includes(reference));
  for (const letter of about) letters.splice(letters.indexOf(letter), 1);
  return about;
}

const livingCharges = ({ charges }: Story) => charges().filter((charge) => stateOf(charge).lifecycle === 'pending');
