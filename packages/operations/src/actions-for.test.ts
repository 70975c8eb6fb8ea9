import { rupiah } from '@gateway/shared/payment';
import type { paymentState } from '@gateway/shared/store';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { actionsFor, type Person } from './actions-for.ts';
import { verbOf } from './verbs/index.ts';

type State = paymentState.PaymentState;
type Change = Partial<Omit<State, 'payment'>> & { payment?: Partial<State['payment']> };
const now = new Date('2026-03-02T03:00:00Z');

function stateOf({ payment, ...others }: Change): State {
  const none = { refunds: [], refundable: [], discrepancies: [], hostWrites: [], parkedWebhooks: [] };
  return { payment: { ...aPayment(), ...payment }, ...none, ...others };
}
const money = (left: number, awaitsHostWrite = false): State['refundable'][number] => ({
  attemptNo: 1,
  provider: 'midtrans',
  account: 'default',
  issuer: 'dana',
  paid: rupiah(50_000),
  paidAt: now,
  left: rupiah(left),
  awaitsHostWrite,
});
const waiting = (requestedBy: string) =>
  ({
    id: 'ref_1',
    status: 'pending',
    approval: { requestedBy, decision: null, decidedBy: null, decidedAt: null },
  }) as State['refunds'][number];
const admin: Person = { actor: 'budi', role: 'admin' };
const answers = (change: Change, person = admin) =>
  Object.fromEntries(actionsFor(stateOf(change), person).map(({ words, why }) => [words, why?.en ?? 'possible']));

describe('what an operator may do with a payment now, and why not', () => {
  const pending = { status: 'pending', shownAttempt: 1, checkAt: now } as const;
  const paid = { status: 'paid', shownAttempt: 1, checkAt: null } as const;

  it.each<[string, Change, Record<string, string>]>([
    [
      'a QR on display',
      { payment: pending },
      { 'payments check': 'possible', 'payments cancel': 'possible', 'refunds open': 'nothing has been paid; cancel it instead' },
    ],
    [
      'a payment that is being cancelled',
      { payment: { ...pending, cancelRequestedAt: now } },
      { 'payments cancel': 'it is being cancelled' },
    ],
    [
      'a QR that is being made',
      { payment: { status: 'created', shownAttempt: null } },
      { 'payments check': 'no QR was shown yet', 'payments cancel': 'possible' },
    ],
    [
      'a paid payment',
      { payment: paid, refundable: [money(50_000)] },
      { 'payments cancel': 'it is already paid', 'refunds open': 'possible' },
    ],
    [
      'a paid payment that the host has not recorded',
      { payment: paid, refundable: [money(50_000, true)] },
      { 'refunds open': 'the host has not recorded the payment yet' },
    ],
    [
      'a refunded payment',
      { payment: { ...paid, status: 'refunded' }, refundable: [money(0)] },
      { 'refunds open': 'the whole amount is refunded' },
    ],
    [
      'a refund of all that is pending',
      { payment: paid, refundable: [money(0)], refunds: [waiting('key cli_1')] },
      {
        'refunds open': 'a refund of the whole amount is pending',
        'refunds approve': 'possible',
        'refunds withdraw': 'only who asked for it can withdraw it',
      },
    ],
    [
      'a refund that the person asked for',
      { payment: paid, refundable: [money(0)], refunds: [waiting('cli budi')] },
      { 'refunds approve': 'you asked for it: another person must decide', 'refunds withdraw': 'possible' },
    ],
    [
      'an open discrepancy and a deferred host write',
      {
        payment: paid,
        discrepancies: [{ id: 4, reason: 'overpaid', openedAt: now }],
        hostWrites: [{ id: 5, step: 'paid', nextTryAt: now }],
      },
      { 'discrepancies close': 'possible', 'host-writes retry': 'possible' },
    ],
  ])('%s', (_, change, expected) => {
    expect(answers(change)).toMatchObject(expected);
  });

  it('a role that is too low is named, with the role of the verb', () => {
    const found = answers(
      { payment: paid, refundable: [money(50_000)], refunds: [waiting('key cli_1')] },
      { actor: 'siti', role: 'operator' },
    );
    expect(found).toMatchObject({ 'refunds open': 'possible', 'refunds approve': 'needs the role approver' });
    for (const why of Object.values(answers({ payment: pending }, { actor: 'siti', role: 'viewer' })))
      expect(why).toMatch(/^needs the role/);
  });

  it('every action is a verb, and fills in its fields', () => {
    const state = stateOf({
      refunds: [waiting('x')],
      discrepancies: [{ id: 4, reason: 'overpaid', openedAt: now }],
      parkedWebhooks: [{ id: 9, receivedAt: now }],
      hostWrites: [{ id: 5, step: 'paid', nextTryAt: now }],
    });
    for (const { words, input } of actionsFor(state, admin))
      expect(Object.keys(verbOf(words).fields)).toEqual(expect.arrayContaining(Object.keys(input)));
  });
});
