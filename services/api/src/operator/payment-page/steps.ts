import type { PaymentEvent } from '@gateway/shared/payment';
import { pastEntries } from '../../payments/timeline/timeline.ts';
import { codeOf, money, recordOf, type State } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { callSteps, callsThatVerified } from './call-steps.ts';
import { callEvidence, rowEvidence, webhookEvidence } from './evidence.ts';
import { withoutPersonal } from './hide-personal.ts';
import type { PaymentFacts } from './read-payment.ts';
import { routeSteps } from './route-steps.ts';
import type { Phase, Step } from './step.ts';

/** Every step of a payment, oldest first. */
export function stepsOf(view: View, facts: PaymentFacts): Step[] {
  const steps = [
    askedStep(view, facts),
    ...routeSteps(view, facts),
    ...eventSteps(view, facts),
    ...webhookSteps(view, facts),
    ...displayStep(view, facts),
    ...callSteps(view, facts),
    ...pollSteps(view, facts),
    ...hostWriteSteps(view, facts),
    ...publishedSteps(view, facts),
    ...deliverySteps(view, facts),
    ...discrepancySteps(view, facts),
  ];
  return steps.sort((a, b) => a.at.getTime() - b.at.getTime());
}

const askedStep = (view: View, { payment }: PaymentFacts): Step => ({
  phase: 'making',
  at: payment.createdAt,
  label: view.texts.tillAsked,
  title: fillIn(view.texts.tillAskedFor, { amount: money(payment.amount), order: payment.orderNumber }),
  state: 'quiet',
  evidence: [
    rowEvidence(view, {
      id: payment.id,
      reference_id: payment.reference,
      host: payment.host,
      store_id: payment.storeId,
      amount: payment.amount,
      created_at: payment.createdAt,
      expires_at: payment.expiresAt,
    }),
  ],
});

/** What announces itself as an event, in the sentences that a till shows too. */
function eventSteps(view: View, { payment, events }: PaymentFacts): Step[] {
  const shown = events.map(({ event }) => event);
  const input = { payment, events: shown, refunds: [], hostRetryAt: null, now: view.now };
  const sentences = pastEntries(input, { language: view.lang, timeZone: view.timeZone }).filter(({ key }) => key !== 'created');
  return sentences.map(({ at, key, text }) => {
    const type = key.split(' ', 1)[0] as PaymentEvent['type'] | 'hidden';
    const event = shown.find((each) => each.type === type && new Date(each.occurred_at).getTime() === at.getTime());
    return {
      phase: phaseOf(type),
      at,
      label: view.texts[`event_${type}`],
      title: text,
      state: stateOfEvent(type),
      evidence: event ? [rowEvidence(view, event, view.texts.eventRow)] : [],
    };
  });
}

function phaseOf(type: PaymentEvent['type'] | 'hidden'): Phase {
  if (type === 'payment.pending' || type === 'payment.failed') return 'making';
  if (type === 'hidden' || type === 'payment.expired' || type === 'payment.cancelled') return 'display';
  return type.startsWith('refund.') ? 'after' : 'money';
}

function stateOfEvent(type: PaymentEvent['type'] | 'hidden'): State {
  if (type === 'payment.failed' || type === 'refund.failed') return 'bad';
  if (type === 'payment.review' || type === 'refund.pending' || type === 'payment.duplicate_paid' || type === 'payment.paid_late')
    return 'wait';
  return type === 'hidden' || type === 'payment.expired' || type === 'payment.cancelled' ? 'quiet' : 'good';
}

function webhookSteps(view: View, facts: PaymentFacts): Step[] {
  const { texts } = view;
  const { webhooks, events } = facts;
  const paid = events.find(({ event: { type } }) => /^payment\.(paid|paid_late|duplicate_paid)$/.test(type));
  const recordedAt = paid ? new Date(paid.event.occurred_at) : null;
  return webhooks.map((webhook) => {
    const { provider, reportedStatus, receivedAt, processedAt, verdict, tries } = webhook;
    return {
      phase: phaseOfWebhook(webhook, recordedAt),
      at: receivedAt,
      until: processedAt,
      label: fillIn(texts.webhookLabel, { status: reportedStatus ? codeOf(view, reportedStatus) : '' }),
      title: fillIn(texts.webhookReceived, { provider, status: reportedStatus ? codeOf(view, reportedStatus) : '–' }),
      reason: verdict ? fillIn(texts.verdict, { verdict: codeOf(view, verdict), tries }) : fillIn(texts.notVerifiedYet, { tries }),
      state: verdict === 'applied' ? 'good' : verdict === 'parked' || verdict === 'contradicted' ? 'bad' : verdict ? 'quiet' : 'wait',
      evidence: [webhookEvidence(view, webhook), ...callsThatVerified(facts, webhook).map((call) => callEvidence(view, call))],
    };
  });
}

/** The first report of the money begins the way to the kitchen. What a provider reports before or after it belongs elsewhere. */
function phaseOfWebhook({ receivedAt, reportedStatus }: PaymentFacts['webhooks'][number], recordedAt: Date | null): Phase {
  if (recordedAt && receivedAt > recordedAt) return 'after';
  return reportedStatus === 'paid' ? 'money' : 'display';
}

/** From the moment the QR was shown to the one after which no guest should scan it. */
function displayStep(view: View, { payment, events }: PaymentFacts): Step[] {
  const { texts, now } = view;
  const timeOf = (pattern: RegExp) => events.find(({ event }) => pattern.test(event.type))?.event.occurred_at;
  const shownAt = timeOf(/^payment\.pending$/);
  if (!shownAt) return [];
  const ended = timeOf(/^payment\.(paid|paid_late|expired|cancelled|failed)$/);
  const ends = [payment.hiddenAt, ended ? new Date(ended) : null, payment.expiresAt < now ? payment.expiresAt : null];
  const times = ends.flatMap((at) => (at ? [at.getTime()] : []));
  const until = times.length > 0 ? new Date(Math.min(...times)) : null;
  const row = { expires_at: payment.expiresAt, hidden_at: payment.hiddenAt, cause: payment.cancelReason };
  return [
    {
      phase: 'display',
      at: new Date(shownAt),
      until,
      label: texts.onDisplay,
      title: texts.qrOnDisplay,
      state: until ? 'quiet' : 'wait',
      evidence: [rowEvidence(view, row)],
    },
  ];
}

/** The last poll, when none is kept as evidence. */
const pollSteps = ({ texts }: View, { payment: { checkedAt }, calls }: PaymentFacts): Step[] =>
  checkedAt && !calls.some(({ operation }) => operation === 'find')
    ? [{ phase: 'display', at: checkedAt, label: texts.pollLabel, title: texts.lastPoll, state: 'quiet', evidence: [] }]
    : [];

function hostWriteSteps(view: View, { hostWrites, events, payment }: PaymentFacts): Step[] {
  const { texts } = view;
  const paid = events.find(({ event: { type } }) => type === 'payment.paid' || type === 'payment.paid_late');
  const isDeferred = hostWrites.some(({ step }) => step === 'paid');
  const atOnce: Step[] =
    paid && !isDeferred
      ? [
          {
            phase: 'money',
            at: new Date(paid.event.occurred_at),
            label: texts.hostWritten,
            title: fillIn(texts.hostWrittenAtOnce, { host: payment.host }),
            state: 'good',
            evidence: [rowEvidence(view, { event_id: paid.event.event_id, host: payment.host, paid_at: payment.paidAt })],
          },
        ]
      : [];
  const deferred = hostWrites.map(
    ({ id, step, createdAt, doneAt, closedBy, lastError, tries, nextTryAt }): Step => ({
      phase: step === 'refunded' ? 'after' : 'money',
      at: createdAt,
      until: doneAt,
      label: texts.hostWritten,
      title: fillIn(doneAt ? texts.hostWriteDone : texts.hostWriteWaits, { host: payment.host, step: codeOf(view, step), tries }),
      reason: closedBy ? fillIn(texts.closedBy, { who: closedBy }) : String(withoutPersonal(lastError ?? '', 'reason')) || null,
      state: doneAt ? 'good' : 'bad',
      evidence: [rowEvidence(view, { id, step, tries, created_at: createdAt, done_at: doneAt, next_try_at: nextTryAt })],
    }),
  );
  return [...atOnce, ...deferred];
}

function publishedSteps(view: View, { events }: PaymentFacts): Step[] {
  const { texts } = view;
  return events.flatMap(({ event, seq, publishedAt }): Step[] =>
    publishedAt
      ? [
          {
            phase: phaseOf(event.type),
            at: new Date(event.occurred_at),
            until: publishedAt,
            label: fillIn(texts.publishedLabel, { type: event.type }),
            title: fillIn(texts.published, { type: event.type, seq: seq ?? '–', store: event.store_id }),
            state: 'good',
            evidence: [rowEvidence(view, { event_id: event.event_id, seq, published_at: publishedAt })],
          },
        ]
      : [],
  );
}

function deliverySteps(view: View, { deliveries, events }: PaymentFacts): Step[] {
  const { texts } = view;
  return deliveries.map(
    ({ eventId, endpointId, type, url, state, statusCode, error, tries, attemptedAt, deliveredAt, nextTryAt }): Step => {
      const event = events.find((each) => each.event.event_id === eventId)?.event;
      const receiver = URL.canParse(url) ? new URL(url).host : url;
      return {
        phase: type.startsWith('refund.') ? 'after' : type === 'payment.pending' ? 'making' : 'money',
        at: event ? new Date(event.occurred_at) : attemptedAt,
        until: deliveredAt,
        label: fillIn(texts.receivedLabel, { type }),
        title: fillIn(deliveredAt ? texts.received : texts.notReceived, { type, receiver, tries }),
        reason: deliveredAt ? null : [statusCode, error && String(withoutPersonal(error, 'reason'))].filter(Boolean).join(' '),
        state: state === 'delivered' ? 'good' : 'wait',
        evidence: [
          rowEvidence(view, {
            event_id: eventId,
            id: endpointId,
            status: state,
            status_code: statusCode,
            tries,
            attempted_at: attemptedAt,
            delivered_at: deliveredAt,
            next_try_at: nextTryAt,
          }),
        ],
      };
    },
  );
}

function discrepancySteps(view: View, { discrepancies }: PaymentFacts): Step[] {
  const { texts } = view;
  return discrepancies.map(({ id, reason, ours, theirs, openedAt, closedAt, closedBy, closedReason }) => ({
    phase: 'after',
    at: openedAt,
    until: closedAt,
    label: texts.discrepancy,
    title: fillIn(texts.discrepancyOpened, {
      reason: codeOf(view, reason),
      ours: recordOf(view, ours),
      theirs: recordOf(view, theirs),
    }),
    reason: closedBy ? `${fillIn(texts.closedBy, { who: closedBy })}: ${closedReason ?? ''}` : texts.discrepancyStillOpen,
    state: closedAt ? 'quiet' : 'bad',
    evidence: [rowEvidence(view, { id, reason, ours, theirs, created_at: openedAt, closed_at: closedAt })],
  }));
}
