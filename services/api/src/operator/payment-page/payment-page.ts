import { isScannable, type Refund } from '@gateway/shared/payment';
import { type Html, html } from '../../http/html.ts';
import { nextEntry } from '../../payments/timeline/timeline.ts';
import { card, chip, codeOf, duration, facts, money, nothing, statusChip, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { drawingOf } from './drawing.ts';
import { type Evidence, evidenceHtml, rowEvidence, sizeOf } from './evidence.ts';
import type { PaymentFacts } from './read-payment.ts';
import { routeReason } from './route-reasons.ts';
import type { Step } from './step.ts';
import { stepsOf } from './steps.ts';
import { slowMs, waitedMs, whyItWaited } from './why-it-waited.ts';

/** The page of one payment: how it stands, what may be done, what happened and why, and what proves it. */
export function paymentPage(view: View, record: PaymentFacts, actions: Html): string {
  const { payment } = record;
  const { texts } = view;
  const { steps, leftOut } = shortened(stepsOf(view, record));
  return shell(view, {
    title: fillIn(texts.paymentTitle, { order: payment.orderNumber, amount: money(payment.amount) }),
    lead: html`${statusChip(view, payment.status)}${payment.needsReview ? html` ${chip(texts.needsReview, 'bad')}` : ''}`,
    place: '/payments',
    body: html`${nextStep(view, record)}
<div class="columns">${summary(view, record)}${card(texts.whatYouCanDo, actions)}</div>
${card(texts.timeline, html`${drawingOf(view, steps)}${stepList(view, record, { steps, leftOut })}`, { lead: texts.timelineLead, id: 'timeline' })}
${record.refunds.length > 0 ? refundsCard(view, record.refunds) : nothing}
${attemptsCard(view, record)}
${rawJson(view, record)}`,
  });
}

function nextStep(view: View, { payment, events, refunds, hostWrites }: PaymentFacts): Html {
  const retries = hostWrites.flatMap(({ nextTryAt }) => (nextTryAt ? [nextTryAt.getTime()] : []));
  const hostRetryAt = retries.length > 0 ? new Date(Math.min(...retries)) : null;
  const input = { payment, events: events.map(({ event }) => event), refunds, hostRetryAt, now: view.now };
  const next = nextEntry(input, { language: view.lang, timeZone: view.timeZone });
  if (!next) return html`<p class="notice" data-state="good">${view.texts.nothingMore}</p>`;
  const poll = payment.checkAt ? html` ${view.texts.nextLook} ${time(view, payment.checkAt)}.` : nothing;
  return html`<p class="notice" data-state="wait"><b>${view.texts.next}</b> ${next.text}${poll}</p>`;
}

function summary(view: View, { payment, attempts }: PaymentFacts): Html {
  const { texts, href, now } = view;
  const shown = attempts.find(({ no }) => no === payment.shownAttempt);
  const waited = waitedMs(payment);
  const isSlow = waited === null ? payment.route.length > 0 : waited >= slowMs;
  return card(
    texts.payment,
    facts([
      [texts.amount, html`<b>${money(payment.amount)}</b>`],
      [texts.receivedAmount, payment.received ? money(payment.received) : null],
      [texts.refundedAmount, payment.refunded ? money(payment.refunded) : null],
      [texts.order, html`<a href="${href(`/payments?q=${encodeURIComponent(payment.orderNumber)}`)}">${payment.orderNumber}</a>`],
      [texts.store, html`${payment.storeId} <span class="quiet">(${payment.host})</span>`],
      [texts.paymentId, mono(payment.id)],
      [texts.transactionId, shown ? mono(shown.reference) : null],
      [texts.provider, shown ? `${shown.provider} / ${shown.account}` : null],
      [texts.issuer, payment.issuer],
      [texts.receipt, payment.receipt && mono(payment.receipt)],
      [texts.asked, time(view, payment.createdAt)],
      [texts.tillWaited, waited === null ? texts.noQr : duration(view, waited)],
      [texts.whyItWaited, isSlow ? whyItWaited(view, payment, attempts) : null],
      [texts.paidAt, payment.paidAt && time(view, payment.paidAt)],
      [texts.qrUntil, isScannable(payment, now) ? time(view, payment.expiresAt) : null],
      [texts.watchedUntil, payment.checkAt && payment.watchUntil && payment.watchUntil > now ? time(view, payment.watchUntil) : null],
    ]),
  );
}

const mono = (text: string): Html => html`<code>${text}</code>`;

const shownSteps = { first: 20, last: 30 };

/** A payment may have hundreds of steps. Its page has the first ones, which made the QR, and the newest ones. */
function shortened(steps: readonly Step[]): { steps: readonly Step[]; leftOut: number } {
  const leftOut = steps.length - shownSteps.first - shownSteps.last;
  if (leftOut <= 0) return { steps, leftOut: 0 };
  return { steps: [...steps.slice(0, shownSteps.first), ...steps.slice(-shownSteps.last)], leftOut };
}

interface ShownSteps {
  steps: readonly Step[];
  leftOut: number;
}

function stepList(view: View, { payment }: PaymentFacts, { steps, leftOut }: ShownSteps): Html {
  const inline = evidenceThatFits(steps);
  const lineOf = (step: Step): Html => {
    const after = step.at.getTime() - payment.createdAt.getTime();
    const took = step.until ? step.until.getTime() - step.at.getTime() : 0;
    return html`<li data-state="${step.state}"><div class="when">${time(view, step.at, { withMs: true })}<span>+${duration(view, after)}</span></div>
<div><p>${step.title}${took > 0 ? html` <span class="quiet nowrap">(${fillIn(view.texts.took, { time: duration(view, took) })})</span>` : ''}</p>${step.reason ? html`<p class="quiet">${step.reason}</p>` : ''}${step.evidence.map((each) => evidenceHtml(view, payment.id, each, inline.has(each)))}</div></li>\n`;
  };
  return html`<ol class="steps-of-payment">
${steps.map(lineOf)}</ol>
<p class="quiet">${leftOut > 0 ? `${fillIn(view.texts.stepsLeftOut, { n: leftOut })} ` : ''}<a href="${view.href(`/payments/${payment.id}/calls`)}">${view.texts.allCalls}</a></p>`;
}

const mostEvidence = 32_000; // bytes on the page; with its steps, rows and forms it stays below 100 kB

/** The evidence that opens on the page itself: that of the QR first, then that of the newest steps. What is longer than what is left has a page of its own. */
function evidenceThatFits(steps: readonly Step[]): ReadonlySet<Evidence> {
  const order = steps.toSorted((a, b) => Number(b.phase === 'making') - Number(a.phase === 'making') || b.at.getTime() - a.at.getTime());
  const fitting = new Set<Evidence>();
  let left = mostEvidence;
  for (const evidence of order.flatMap((step) => step.evidence)) {
    const size = sizeOf(evidence.text);
    if (size > left) continue;
    left -= size;
    fitting.add(evidence);
  }
  return fitting;
}

const refundsCard = (view: View, refunds: readonly Refund[]): Html => {
  const { texts } = view;
  return card(
    texts.refunds,
    table(
      texts.refunds,
      [
        { title: texts.time, cell: ({ createdAt }) => time(view, createdAt) },
        { title: texts.amount, cell: ({ amount }) => money(amount), isNumber: true },
        { title: texts.status, cell: ({ status }) => chip(texts[`refund_${status}`], refundState[status]) },
        { title: texts.cause, cell: ({ cause }) => texts[`cause_${cause}`] },
        { title: texts.failure, cell: ({ failure }) => failure && codeOf(view, failure) },
        { title: texts.refundId, cell: ({ id }) => mono(id) },
        { title: texts.nextTry, cell: ({ nextTryAt }) => nextTryAt && time(view, nextTryAt) },
      ],
      refunds,
      texts.none,
    ),
  );
};

const refundState = { pending: 'wait', succeeded: 'good', failed: 'bad' } as const;

const attemptsCard = (view: View, { attempts, payment }: PaymentFacts): Html => {
  const { texts } = view;
  return card(
    texts.attempts,
    table(
      texts.attempts,
      [
        { title: texts.transactionId, cell: ({ reference }) => mono(reference) },
        { title: texts.provider, cell: ({ provider, account }) => `${provider} / ${account}` },
        { title: texts.providerChargeId, cell: ({ providerChargeId }) => providerChargeId && mono(providerChargeId) },
        {
          title: texts.status,
          cell: ({ status, no }) =>
            no === payment.shownAttempt ? fillIn(texts.shownSuffix, { status: codeOf(view, status) }) : codeOf(view, status),
        },
        { title: texts.reason, cell: ({ reason, startedAt }) => reason && routeReason(view, reason, startedAt) },
        { title: texts.paidAmount, cell: ({ paid }) => (paid === null ? null : money(paid)), isNumber: true },
      ],
      attempts,
      texts.noAttempts,
    ),
    { lead: texts.attemptsLead },
  );
};

const mostRows = 12_000; // bytes; more rows have a page of their own

function rawJson(view: View, record: PaymentFacts): Html {
  const evidence = rowsEvidence(view, record);
  return card(view.texts.rawJson, evidenceHtml(view, record.payment.id, evidence, sizeOf(evidence.text) <= mostRows));
}

/** The stored rows of a payment. */
export function rowsEvidence(view: View, { payment, attempts, refunds, hostWrites, discrepancies }: PaymentFacts): Evidence {
  const { bill: _, qrString, replyTo: __, ...row } = payment;
  const rows = { payment: { ...row, has_qr: qrString !== null }, attempts, refunds, host_writes: hostWrites, discrepancies };
  return { ...rowEvidence(view, rows, view.texts.rawJsonShow), id: 'rows' };
}
