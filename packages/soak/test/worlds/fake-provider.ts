import type { Charge } from '@gateway/shared/payment';
import {
  type ChargeKey,
  type ChargeRequest,
  type ProviderAccount,
  ProviderOutcomeUnknown,
  ProviderRejected,
  ProviderUnavailable,
  providerKind,
  QrisProvider,
  type RefundKey,
  type RefundRequest,
} from '@gateway/shared/provider';
import { type ProviderName, stateOf } from '@gateway/simulator';
import { asSeenByGateway, type ProviderBook, refundSeenByGateway } from './provider-book.ts';
import { currentTask, nextStepOf, type Task } from './tasks.ts';

/** The ways in which a call fails. `late`: the provider carries it out after the caller has given up. */
const failures = ['rejected', 'unavailable', 'request lost', 'answer lost', 'no answer', 'late', 'slow'] as const;
type Failure = (typeof failures)[number];

const sentences: Record<Failure, string> = {
  rejected: 'refuses',
  unavailable: 'does not accept',
  'request lost': 'never receives',
  'answer lost': 'carries out, and its answer is lost:',
  'no answer': 'carries out, and never answers:',
  late: 'carries out much later:',
  slow: 'takes seconds for',
};

/** A provider in memory, behind the port that the worker calls. Each call takes virtual time, and may fail in every way that the port knows. */
export class FakeProvider extends QrisProvider {
  readonly #name: ProviderName;
  readonly #book: ProviderBook;

  constructor(account: ProviderAccount, book: ProviderBook) {
    super(account);
    this.#name = account.provider as ProviderName;
    this.#book = book;
  }

  override createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge> {
    return this.#call('create', signal, failures, (task) => {
      const isWrong = task.world.fails(`${request.reference.slice(-2)} wrong amount`, 0.01, `${this.#name} makes a QR for another amount.`);
      const charge = this.#book.open(this.#name, request, isWrong ? request.amount + 1_000 : request.amount);
      return { ...asSeenByGateway(charge, stateOf(charge)), qrString: charge.qrString };
    });
  }

  override findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#call('status', signal, ['unavailable', 'request lost', 'slow'], (task) => this.#found(key, task));
  }

  override cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#call('cancel', signal, ['unavailable', 'request lost', 'answer lost', 'slow'], () => {
      const charge = this.#visible(key);
      if (charge) this.#book.cancel(charge);
      return charge ? asSeenByGateway(charge, stateOf(charge)) : null;
    });
  }

  override refundCharge({ charge: key, reference, amount, reason }: RefundRequest, signal: AbortSignal) {
    return this.#call('refund', signal, ['unavailable', 'answer lost', 'no answer', 'slow'], () => {
      const charge = this.#visible(key);
      if (!charge || !stateOf(charge).payment) throw new ProviderRejected('not_refundable', 'only a paid charge is refunded');
      return refundSeenByGateway(this.#book.refund(charge, { reference, amount, reason }));
    });
  }

  override findRefund({ charge: key, reference, providerRefundId }: RefundKey, signal: AbortSignal) {
    return this.#call('refund status', signal, ['unavailable', 'slow'], () => {
      const charge = this.#visible(key);
      const refund = charge && stateOf(charge).refunds.find((each) => each.reference === reference || each.id === providerRefundId);
      return refund ? refundSeenByGateway(refund) : null;
    });
  }

  override async close(): Promise<void> {}

  /** Xendit finds a charge without its id only when it is paid. */
  #visible(key: ChargeKey) {
    const charge = this.#book.find(this.#name, key);
    const mayBeFound = key.providerChargeId !== null || providerKind(this.#name).traits.findsUnpaidByReference;
    return charge && (mayBeFound || stateOf(charge).payment) ? charge : undefined;
  }

  /** The answer may be some seconds behind what is true. */
  #found(key: ChargeKey, { world, name, steps }: Task): Charge | null {
    const charge = this.#visible(key);
    if (!charge) return null;
    const isOld = world.fails(`${name} ${steps} old`, 0.02, `${this.#name} answers "${name}" with an old status.`);
    const state = isOld ? charge.states.findLast(({ at }) => at <= world.time.nowMs - 5_000) : stateOf(charge);
    return state ? asSeenByGateway(charge, state) : null;
  }

  #call<T>(operation: string, signal: AbortSignal, possible: readonly Failure[], carryOut: (task: Task) => T): Promise<T> {
    const task = currentTask() as Task;
    const { world } = task;
    const step = `${nextStepOf(task)} ${operation} at ${this.#name}`;
    const kind = world.draws.pick(`${step} how`, possible);
    const isFailing = world.fails(`${step} fails`, 0.06, `${this.#name} ${sentences[kind]} "${step}".`);
    const failure = isFailing ? kind : null;
    const toProviderMs =
      world.duration(`${step} there`, 20, 300) + (failure === 'slow' ? world.draws.between(`${step} slow`, 900, 6_000) : 0);
    return new Promise((resolve, reject) => {
      const ownedBy = { owner: task.process };
      const fail = (error: Error) => world.time.after(toProviderMs, `${step} fails`, () => reject(error), ownedBy);
      signal.addEventListener('abort', () => reject(new ProviderOutcomeUnknown('timeout', 'no answer in time')));
      if (failure === 'rejected') return fail(new ProviderRejected('validation', 'refused'));
      if (failure === 'unavailable') return fail(new ProviderUnavailable('connect', 'not connected'));
      if (failure === 'request lost') return fail(new ProviderOutcomeUnknown('reset', 'connection reset'));
      if (failure === 'late') {
        fail(new ProviderOutcomeUnknown('http_504', 'gateway timeout'));
        return world.time.after(world.untilMoment(`${step} late`), `${step} carried out`, () => carryOut(task));
      }
      // What was sent reaches the provider, also when the process that sent it has crashed.
      return world.time.after(toProviderMs, `${step} carried out`, () => {
        const answer = outcomeOf(() => carryOut(task));
        if (failure === 'no answer') return;
        const backMs = world.duration(`${step} back`, 10, 200);
        const arrive = () => {
          if (failure === 'answer lost') reject(new ProviderOutcomeUnknown('reset', 'connection reset'));
          else if ('error' in answer) reject(answer.error);
          else resolve(answer.value);
        };
        world.time.after(backMs, `${step} answered`, arrive, ownedBy);
      });
    });
  }
}

function outcomeOf<T>(work: () => T): { value: T } | { error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}
