import { actionsFor, type PaymentAction, verbOf } from '@gateway/operations';
import { isOpen } from '@gateway/shared/payment';
import type { paymentState } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { money } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import type { PaymentFacts } from '../payment-page/read-payment.ts';
import { fillIn } from '../texts/texts.ts';
import { actionPath, verbForm } from './action-page.ts';

/** What may be done with this payment now, and why the other things may not. */
export function actionsOfPayment(view: View, facts: PaymentFacts): Html {
  const all = actionsFor(stateOf(facts), { actor: view.operator.name, role: view.operator.role });
  const refund = all.find(({ words }) => words === 'refunds open');
  const inForm = refund?.why === null ? refund : null;
  return html`${inForm ? refundForm(view, facts, inForm) : ''}<ul class="doable">${all.filter((each) => each !== inForm).map((each) => lineOf(view, facts, each))}</ul>`;
}

const stateOf = ({ payment, refunds, refundable, discrepancies, hostWrites, webhooks }: PaymentFacts): paymentState.PaymentState => ({
  payment,
  refunds,
  refundable,
  discrepancies: discrepancies.filter(({ closedAt }) => closedAt === null),
  hostWrites: hostWrites.filter(({ doneAt }) => doneAt === null),
  parkedWebhooks: webhooks.filter(({ verdict }) => verdict === 'parked'),
});

/** The form that gives money back, with how much is left. */
function refundForm(view: View, { refundable }: PaymentFacts, { words, input }: PaymentAction): Html {
  const verb = verbOf(words);
  const left = refundable.reduce((sum, each) => sum + each.left, 0);
  const form = verb ? verbForm(view, verb, input, { fixed: ['payment'] }) : '';
  return html`<p class="quiet">${fillIn(view.texts.refundAll, { amount: money(left) })}</p>${form}`;
}

/** A button, or what keeps it from being one. A check of an open payment needs nothing but a press. */
function lineOf(view: View, { payment }: PaymentFacts, { words, input, why }: PaymentAction): Html {
  const { href, lang } = view;
  const verb = verbOf(words);
  if (!verb) return html``;
  const title = verb.title[lang];
  const name = input.id ?? input.refund ?? '';
  if (why) return html`<li><span class="button" aria-disabled="true">${title}</span><span class="quiet">${why[lang]}</span></li>\n`;
  const query = new URLSearchParams({ ...input, back: `/payments/${payment.id}` });
  const isUrgent = words === 'payments check' && isOpen(payment);
  return html`<li><a class="button${isUrgent ? ' primary' : ''}" href="${href(`${actionPath(words)}?${query}`)}">${title}</a><span class="quiet">${name}</span></li>\n`;
}
