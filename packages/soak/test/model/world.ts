import { OrderBusy } from '@gateway/shared/host';
import type { Enqueue } from '@gateway/shared/queue';
import { type Charge, stateOf } from '@gateway/simulator';
import type { Job } from '../../../../services/worker/src/due-job.ts';
import { anOrder } from '../../../../testing/pos-orders.ts';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';
import { acceptedIn, broken, paidIn } from './invariants.ts';
import { type Letter, openPostOffice, type PostOffice } from './post.ts';
import { type Records, recordsOf } from './records.ts';

const second = 1_000;
const hour = 3_600 * second;
/** Long enough apart for every ladder and every watch to come to its end. */
const restMs = [0, 3 * second, 10 * second, 30 * second, 300 * second, hour, 6 * hour, 24 * hour, 49 * hour];

/** One order at a till, and everybody who can do something to it. */
export interface Story {
  orderId: string;
  records: Records;
  /** Newest first: the providers' own book. */
  charges(): readonly Charge[];
  letters: Letter[];
  jobs: Job[];
  /** What the till would still take: what the order owes, if it may be paid at all. */
  owed: number;
  payable: boolean;
  /** Somebody at the till holds the order locked. */
  isBusy: boolean;
  startedAt: Date;
  now(): Date;
}

export interface World {
  shop: Workshop;
  post: PostOffice;
  story: Story;
  /** A new order; the providers have forgotten the last one. */
  begin(): Promise<void>;
  run(job: Job): Promise<void>;
  /** Everything that waits in the queue, and what that adds to it. */
  runQueue(): Promise<void>;
  /** Everything that is due by the rows' own word. */
  sweep(): Promise<void>;
  deliver(letter: Letter): Promise<number>;
  /** After every step: waits until the providers have said what they had to say, and looks whether all is well. @throws Broken */
  observe(): Promise<void>;
  /** Time goes on, everything works again, all news arrives: then every loose end must be tied. @throws Broken */
  comeToRest(): Promise<void>;
  close(): Promise<void>;
}

export class Broken extends Error {
  override readonly name = 'Broken';
}

export async function openWorld(): Promise<World> {
  const post = await openPostOffice();
  const outside = (provider: string) => [{ notificationUrl: post.addressOf(provider) }];
  const shop = await openWorkshop({ providers: { midtrans: outside('midtrans'), xendit: outside('xendit') } });
  let story: Story;

  const enqueue: Enqueue = async (name, payload) => {
    story.jobs.push({ name, payload } as Job);
    return true;
  };
  post.serve(shop, enqueue);
  const { lockOrder } = shop.host.orders;
  shop.host.orders.lockOrder = (...asked) => (story.isBusy ? Promise.reject(new OrderBusy('pos')) : lockOrder(...asked));

  async function judge(): Promise<void> {
    const before = story.records;
    story.records = await recordsOf(shop.db, story.orderId);
    const problems = broken({
      ours: story.records,
      charges: story.charges(),
      owed: story.owed,
      payable: story.payable,
      acceptedBefore: acceptedIn(before),
      paidBefore: paidIn(before),
      lateMoney: shop.settings.lateMoney,
      onItsWay: new Set(story.letters.flatMap(({ body }) => referencesIn(body))),
      now: shop.clock.now(),
    });
    if (problems.length > 0) throw new Broken(problems.join('\n'));
    const { total, paid, status } = story.records.order;
    story.owed = total - paid;
    story.payable = status === 'open' || status === 'awaiting_payment';
  }

  const world: World = {
    shop,
    post,
    get story() {
      return story;
    },
    begin: async () => {
      await forget(shop);
      shop.simulator.controls.reset();
      shop.settings.lateMoney = 'accept';
      shop.settings.holds = [];
      post.letters.length = 0;
      const total = 55_000;
      const orderId = await anOrder(shop.db.pool, { total });
      story = {
        orderId,
        records: await recordsOf(shop.db, orderId),
        charges: () => shop.simulator.book.newestFirst(),
        letters: post.letters,
        jobs: [],
        owed: total,
        payable: true,
        isBusy: false,
        startedAt: shop.clock.now(),
        now: () => shop.clock.now(),
      };
    },
    run: async (job) => void (await shop.run(job)),
    runQueue: async () => {
      for (let job = story.jobs.shift(); job; job = story.jobs.shift()) await shop.run(job);
    },
    sweep: async () => void (await shop.runDue()),
    deliver: (letter) => post.deliver(letter),
    observe: async () => {
      await post.settled(shop.simulator);
      await judge();
    },
    comeToRest: async () => {
      for (const provider of ['midtrans', 'xendit'] as const) shop.simulator.controls.clearFaults(provider);
      story.isBusy = false;
      for (const ms of restMs) {
        shop.pass(ms);
        await post.settled(shop.simulator);
        for (const letter of story.letters.splice(0)) await post.deliver(letter);
        await world.runQueue();
        await world.sweep();
        await world.observe();
      }
      const loose = looseEnds(story);
      if (loose.length > 0) throw new Broken(loose.join('\n'));
    },
    close: async () => {
      await post.close();
      await shop.close();
    },
  };
  return world;
}

/** What a webhook is about, seen from outside: each of our references in it. */
export const referencesIn = (body: Buffer): string[] => body.toString().match(/pos-[0-9a-z]{26}-\d{1,3}/g) ?? [];

/** What is still due is due no more: the next order begins with nobody at work. */
async function forget({ db }: Workshop): Promise<void> {
  await db.pool.query(`with p as (update gateway.payments set check_at = null where check_at is not null),
      a as (update gateway.attempts set resolve_at = null where resolve_at is not null),
      r as (update gateway.refunds set next_try_at = null where next_try_at is not null),
      w as (update gateway.host_writes set next_try_at = null where next_try_at is not null)
    update gateway.webhook_inbox set next_try_at = null where next_try_at is not null`);
}

/** I1, I7, I8, and that nobody waits for ever. */
function looseEnds({ records, charges }: Story): string[] {
  const { payments, attempts, refunds, discrepancies, inbox, hostWrites } = records;
  const ends: string[] = [];
  const isOpenWith = (paymentId: string, reasons: string[]) =>
    discrepancies.some((d) => d.paymentId === paymentId && !d.closedAt && reasons.includes(d.reason));
  for (const { id, status } of payments) {
    if (status === 'created') ends.push(`${id} is still created`);
    if (status === 'pending' && !isOpenWith(id, ['underpaid', 'paid_unconfirmed']))
      ends.push(`${id} is still pending, and nobody was told why`);
  }
  for (const charge of charges()) {
    const attempt = attempts.find(({ reference }) => reference === charge.reference);
    if (stateOf(charge).payment && attempt?.status !== 'paid') ends.push(`${charge.reference} was paid, and is ${attempt?.status} here`);
  }
  for (const { paymentId, no, status } of attempts) {
    if ((status === 'sending' || status === 'unknown') && !isOpenWith(paymentId, ['unresolved_attempt']))
      ends.push(`attempt ${no} is still ${status}`);
  }
  for (const { paymentId, no, status, accepted, paid, reserved } of attempts) {
    const isKnown = discrepancies.some((d) => d.paymentId === paymentId && (d.attemptNo ?? no) === no);
    if (status === 'paid' && !accepted && !isKnown && reserved !== paid) ends.push(`of ${paid} that no order took, ${reserved} went back`);
  }
  for (const { reference, processedAt, verdict } of inbox) if (!processedAt) ends.push(`news of ${reference} is still ${verdict}`);
  for (const { reference, status } of refunds) if (status === 'pending') ends.push(`refund ${reference} is still pending`);
  for (const { paymentId, step, doneAt } of hostWrites) if (!doneAt) ends.push(`the till was never told of ${step} of ${paymentId}`);
  return ends;
}
