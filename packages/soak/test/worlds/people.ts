import { problemOf } from '@gateway/api/src/http/problem.ts';
import { cancellationJob } from '@gateway/api/src/payments/cancellation-job.ts';
import { openPayment } from '@gateway/api/src/payments/open-payment.ts';
import { isOpen, type Payment, rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { attempts, payments, refunds } from '@gateway/shared/store';
import { stateOf } from '@gateway/simulator';
import { addToOrder, lockOrderRow, payInCash, voidOrder } from '@gateway/testing/pos/pos-orders';
import type { Gateway } from './gateway.ts';
import type { SimulatedProcess } from './tasks.ts';
import type { World } from './world.ts';

const answerWithinMs = 10_000;
const retryAfterMs = 1_500;
const maxTries = 4;

/** A request that a till sends with one Idempotency-Key, until it has an answer. */
interface Press {
  name: string;
  key: string;
  expiresInMs: number;
}

/** The people of a world and what they do: a cashier and a waiter at their tills, a guest with a phone, and the POS itself. */
export class People {
  readonly #world: World;
  readonly #gateway: Gateway;
  readonly orderId: string;
  readonly #pos: SimulatedProcess = { name: 'POS', isDead: false };
  /** Tills that wait for a payment's QR, by payment. */
  readonly #waiting = new Map<string, (payment: Payment) => void>();
  readonly #shown = new Set<string>();
  /** The payments that this till has been given. */
  readonly #payments = new Set<string>();
  /** The payments that each Idempotency-Key was answered with. */
  readonly answers = new Map<string, Set<string>>();
  /** What the order owes, as long as no money has arrived; null: it cannot be said. */
  #due: number | null = 55_000;

  constructor(world: World, gateway: Gateway, orderId: string) {
    this.#world = world;
    this.#gateway = gateway;
    this.orderId = orderId;
    gateway.onReply = (payment) => this.#waiting.get(payment.id)?.(payment as Payment);
  }

  /** Plans what the seed makes them do. */
  plan(): void {
    const { draws } = this.#world;
    const expiresInMs = draws.pick('expires in', [60_000, 60_000, 900_000]);
    this.#at('press', 1, 50, 'The cashier presses "pay by QRIS".', () => this.#press({ name: 'press', key: 'key 1', expiresInMs }));
    this.#atMoment('second press', 0.3, 'A second till presses for the same order.', () =>
      this.#press({ name: 'second press', key: 'key 2', expiresInMs }),
    );
    this.#atMoment('third press', 0.15, 'The cashier presses once more.', () =>
      this.#press({ name: 'third press', key: 'key 3', expiresInMs }),
    );
    this.#atMoment('cancel', 0.25, 'The cashier cancels.', () => this.#cancel());
    this.#atMoment('cash', 0.12, 'The order is paid in cash.', () => this.#atPos('cash', null, (db) => payInCash(db, this.orderId)));
    this.#atMoment('dish', 0.1, 'The guest orders one more dish.', () => this.#orderDish(expiresInMs));
    this.#atMoment('void', 0.04, 'The order is voided.', () => this.#atPos('void', null, (db) => voidOrder(db, this.orderId)));
    this.#atMoment('edit', 0.12, 'A waiter holds the order open in an editor.', () => this.#edit());
    this.#atMoment('refund', 0.2, 'The cashier refunds a part.', () => this.#refund());
    this.#atMoment('flush', 0.08 * this.#world.faultRate, 'Redis loses everything.', () => this.#gateway.flushRedis());
    for (const kind of ['api', 'worker', 'notifier'] as const)
      this.#atMoment(`${kind} crash`, 0.05 * this.#world.faultRate, `The ${kind} crashes.`, () => this.#world.crash(this.#gateway[kind]));
  }

  #at(name: string, probability: number, delayMs: number, sentence: string, act: () => unknown): void {
    const world = this.#world;
    if (world.options.without?.has(name) || world.draws.fraction(name) >= probability) return;
    world.time.after(delayMs, name, () => (world.happens(name, probability, sentence) ? act() : undefined));
  }

  #atMoment(name: string, probability: number, sentence: string, act: () => unknown): void {
    this.#at(name, probability, this.#world.untilMoment(`${name} at`), sentence, act);
  }

  /** Runs a request in the api. A crash, an error and no answer within the limit are the same to the caller. */
  #request<T>(name: string, work: () => Promise<T>): Promise<{ answer: T } | { error: unknown } | null> {
    const { time } = this.#world;
    const process = this.#gateway.api;
    return new Promise((resolve) => {
      const timeLimit = time.after(answerWithinMs + 1_000, `${name} time limit`, () => resolve(null));
      const end = (outcome: { answer: T } | { error: unknown }): void => {
        time.cancel(timeLimit);
        this.#gateway.deadlinesChanged();
        resolve(outcome);
      };
      void this.#world.start(name, process, work).then(
        (answer) => end({ answer }),
        (error) => end({ error }),
      );
    });
  }

  /** POST /transaction/payments, sent again with the same key until it is answered. */
  async #press(press: Press, tries = 1): Promise<void> {
    const name = tries > 1 ? `${press.name} (try ${tries})` : press.name;
    const due = this.#due;
    void this.#request(name, () => this.#open(press)).then((outcome) => {
      if (outcome && 'answer' in outcome) {
        this.#note(press, outcome.answer, tries === 1 && due === this.#due ? due : null);
        if (this.#world.fails(`${name} answer lost`, 0.04, `The answer to "${name}" is lost, and the till sends it again.`))
          this.#world.time.after(this.#world.untilMoment(`${name} repeated`), `${name} repeated`, () => this.#press(press, tries + 1));
        else if (outcome.answer.status === 'pending') this.#show(outcome.answer);
        else if (outcome.answer.status === 'created') this.#sendAgain(press, tries);
        return;
      }
      const code = outcome ? problemOf(outcome.error).code : 'no answer';
      if (code === 'internal') this.#gateway.noteError(name, outcome?.error);
      if (!refusals.has(code)) this.#sendAgain(press, tries);
    });
  }

  /**
   * A payment whose QR is hidden is not compared: its guest may have paid, so the order gets no other one for what it owes now.
   * @param due what the order owed all the time, before the money that has arrived; null: not known, or the key may have been used before
   */
  #note({ key }: Press, { id, status, amount, hiddenAt }: Payment, due: number | null): void {
    this.answers.set(key, (this.answers.get(key) ?? new Set()).add(id));
    if (due === null || hiddenAt || (status !== 'pending' && status !== 'created')) return;
    const received = this.#gateway.book.charges.reduce((sum, charge) => sum + (stateOf(charge).payment?.amount ?? 0), 0);
    if (amount !== due && amount !== due - received)
      this.#world.errors.push(`a till was given a payment of ${amount}, and the order owes ${due}`);
  }

  #sendAgain(press: Press, tries: number): void {
    if (tries < maxTries) this.#world.time.after(retryAfterMs, `${press.name} again`, () => this.#press(press, tries + 1));
  }

  /** What the route does: opens the payment, adds its job, and waits for the reply; it reads the row at half of the wait, too. */
  async #open({ key, expiresInMs }: Press): Promise<Payment> {
    const { host, client, db } = this.#gateway.lane;
    const now = this.#world.time.now();
    const request = {
      host,
      client,
      orderId: this.orderId,
      expiresInMs,
      key: { clientId: client.id, operation: 'create-payment', key: `${key} ${this.orderId}`, fingerprint: 'same' },
      now,
      replyTo: 'api',
    } as const;
    const opened = await openPayment(this.#gateway.stores, request, { isAtOnce: this.#world.draws.fraction('opens at once') < 0.7 });
    const { payment, replaced, kind } = opened;
    this.#payments.add(payment.id);
    if (replaced)
      void this.#gateway.enqueue(cancellationJob(replaced), { host: host.id, paymentId: replaced.id, leaseNo: replaced.leaseNo });
    if (payment.status !== 'created') return payment;
    const reply = this.#replyAbout(payment);
    const { id: paymentId, leaseNo, storeId, amount } = payment;
    const isQueued =
      kind !== 'created' || (await this.#gateway.enqueue('charge', { host: host.id, paymentId, leaseNo, routedBy: { storeId, amount } }));
    if (!isQueued) await payments.reschedule(db.pool, payment, this.#world.time.now());
    this.#gateway.deadlinesChanged();
    for (const waitMs of [answerWithinMs / 2, answerWithinMs / 2]) {
      const replied = await Promise.race([reply, new Promise<null>((resolve) => setTimeout(resolve, waitMs, null))]);
      const latest = replied ?? (await payments.find(db.pool, payment.id));
      if (latest && latest.status !== 'created') return latest;
    }
    return payment;
  }

  #replyAbout({ id }: Payment): Promise<Payment> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** The till shows a QR. The guest scans it, pays at once, late or never; a guest who is slow may pay a QR that was hidden meanwhile. */
  #show({ id, qrString, hiddenAt }: Payment): void {
    const world = this.#world;
    const charge = this.#gateway.book.charges.find((each) => each.qrString === qrString);
    if (!charge || hiddenAt || this.#shown.has(id)) return;
    this.#shown.add(id);
    world.note(`The till shows the QR of ${world.alias('payment', id)}: charge ${charge.reference.slice(-2)} of ${charge.provider}.`);
    const name = `the guest pays ${world.alias('payment', id)}`;
    const isSlow = world.draws.fraction(`${name} slowly`) < 0.3;
    const delayMs = isSlow ? world.untilMoment(`${name} at`) : world.draws.between(`${name} soon`, 800, 9_000);
    world.time.after(delayMs, name, () => {
      if (!world.happens(name, 0.85, `The guest pays the QR of ${world.alias('payment', id)}.`)) return;
      this.#gateway.book.pay(charge);
    });
  }

  /** POST …/cancel of the newest payment that the till knows. */
  #cancel(): void {
    const id = [...this.#payments].at(-1);
    if (!id) return;
    const { db, host } = this.#gateway.lane;
    void this.#request('cancel', async () => {
      const found = await payments.find(db.pool, id);
      if (!found || !isOpen(found)) return;
      const leaseNo = await payments.hide(db.pool, id, 'client', this.#world.time.now());
      const hidden = await payments.find(db.pool, id);
      if (leaseNo !== null && hidden)
        await this.#gateway.enqueue(cancellationJob(hidden), { host: host.id, paymentId: hidden.id, leaseNo });
    });
  }

  /** POST …/refunds of accepted money. */
  #refund(): void {
    const { db } = this.#gateway.lane;
    void this.#request('refund', async () => {
      for (const id of this.#payments) {
        const payment = await payments.find(db.pool, id);
        const accepted = payment && (await attempts.ofPayment(db.pool, id)).find((attempt) => attempt.accepted);
        if (!payment || !accepted?.paid) continue;
        const amount = rupiah(Math.floor(accepted.paid * this.#world.draws.pick('refunded part', [0.3, 1])));
        const refund = {
          payment,
          attemptNo: accepted.no,
          amount,
          cause: 'client',
          reason: 'a dish was cold',
          at: this.#world.time.now(),
        } as const;
        await inTransaction(db, (trx) => refunds.open(trx, refund));
      }
    });
  }

  #orderDish(expiresInMs: number): void {
    this.#atPos('dish', 62_000, (db) => addToOrder(db, this.orderId, 7_000));
    const press = { name: 'press after the dish', key: 'key 4', expiresInMs };
    const delayMs = this.#world.draws.between(press.name, 100, 5_000);
    this.#at(press.name, 0.6, delayMs, 'The cashier presses for the order with the dish.', () => this.#press(press));
  }

  /** The POS changes its own rows. @param due what the order owes afterwards; null: nothing */
  #atPos(name: string, due: number | null, change: (db: Gateway['lane']['posDb']['pool']) => Promise<unknown>): void {
    const after = this.#due === null ? null : due;
    this.#due = null;
    const changed = this.#world.start(`POS ${name}`, this.#pos, () => change(this.#gateway.lane.posDb.pool));
    void changed.then(
      () => {
        this.#due = after;
      },
      () => {}, // a lost connection
    );
  }

  #edit(): void {
    const editMs = this.#world.draws.pick('edited for', [50, 300, 3_000, 40_000]);
    void this.#world
      .start('POS edit', this.#pos, async () => {
        const release = await lockOrderRow(this.#gateway.lane.posDb.pool, this.orderId);
        await new Promise((resolve) => setTimeout(resolve, editMs));
        await release();
      })
      .catch(() => {});
  }
}

const refusals: ReadonlySet<string> = new Set([
  'order_not_payable',
  'order_paid',
  'idempotency_key_reused',
  'order_not_found',
  'rate_limited',
  'order_does_not_reconcile',
]);
