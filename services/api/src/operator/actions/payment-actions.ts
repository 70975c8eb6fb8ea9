import { verbOf } from '@gateway/operations';
import { isOpen } from '@gateway/shared/payment';
import { roleIncludes } from '@gateway/shared/runtime';
import { type Html, html } from '../../http/html.ts';
import { money } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import type { PaymentFacts } from '../payment-page/read-payment.ts';
import { fillIn } from '../texts/texts.ts';
import { actionPath, verbForm } from './action-page.ts';

interface Possible {
  words: string;
  input: Record<string, string>;
  /** Why it may not be done now; null: it may. */
  why: string | null;
}

/** What may be done with this payment now, and why the rest may not. */
export function actionsOfPayment(view: View, facts: PaymentFacts): Html {
  return html`${refundForm(view, facts)}<ul class="doable">${possible(view, facts).map((each) => lineOf(view, facts, each))}</ul>`;
}

function possible({ texts }: View, { discrepancies, webhooks, hostWrites, payment, refundable }: PaymentFacts): Possible[] {
  const open = discrepancies.filter(({ closedAt }) => !closedAt);
  const waiting = hostWrites.filter(({ doneAt }) => !doneAt);
  const named = (id: number) => `${payment.host}-${id}`;
  const lastWebhook = webhooks.at(-1);
  return [
    ...(open.length > 0
      ? open.map(({ id }): Possible => ({ words: 'discrepancies close', input: { id: named(id) }, why: null }))
      : [{ words: 'discrepancies close', input: {}, why: texts.noOpenDiscrepancy }]),
    ...(refundable > 0 ? [] : [{ words: 'refunds open', input: {}, why: texts.nothingToRefund }]),
    { words: 'webhooks replay', input: { id: lastWebhook ? named(lastWebhook.id) : '' }, why: lastWebhook ? null : texts.noWebhook },
    ...(waiting.length > 0
      ? waiting.map(({ id }): Possible => ({ words: 'host-writes retry', input: { id: named(id) }, why: null }))
      : [{ words: 'host-writes retry', input: {}, why: texts.hostHasAll }]),
    { words: 'route', input: { payment: payment.id }, why: isOpen(payment) || payment.route.length > 0 ? null : texts.noAttempts },
  ];
}

/** The form that gives money back, where there is money and the role of the person reaches. */
function refundForm(view: View, { payment, refundable }: PaymentFacts): Html {
  const { texts, operator } = view;
  const verb = verbOf('refunds open');
  if (!verb || refundable === 0 || !roleIncludes(operator.role, verb.role)) return html``;
  const form = verbForm(view, verb, { payment: payment.id }, { fixed: ['payment'] });
  return html`<p class="quiet">${fillIn(texts.refundAll, { amount: money(refundable) })}</p>${form}`;
}

function lineOf(view: View, { payment }: PaymentFacts, { words, input, why }: Possible): Html {
  const { texts, href, lang, operator } = view;
  const verb = verbOf(words);
  if (!verb) return html``;
  const refusal = roleIncludes(operator.role, verb.role)
    ? why
    : fillIn(texts.needsRole, { role: texts[verb.role], yours: texts[operator.role] });
  const query = new URLSearchParams({ ...input, back: `/payments/${payment.id}` });
  return refusal
    ? html`<li><span class="button" aria-disabled="true">${verb.title[lang]}</span><span class="quiet">${refusal}</span></li>\n`
    : html`<li><a class="button" href="${href(`${actionPath(words)}?${query}`)}">${verb.title[lang]}</a><span class="quiet">${input.id ?? ''}</span></li>\n`;
}
