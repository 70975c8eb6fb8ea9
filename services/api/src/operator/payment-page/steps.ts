import type { Attempt, PaymentEvent, RouteStep } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { pastEntries } from '../../payments/timeline/timeline.ts';
import { money, moneyIfDigits, type State } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { readableMessage, withoutPersonal } from './hide-personal.ts';
import type { PaymentFacts } from './read-payment.ts';

/** The part of a payment's life to which a step belongs. Each part is drawn to a scale of its own: the first takes milliseconds, the second minutes. */
export type Phase = 'making' | 'display' | 'money' | 'after';

/** One thing that happened. */
export interface Step {
  phase: Phase;
  at: Date;
  /** When it ended, for what takes time; null: it has not ended. */
  until?: Date | null;
  /** A few words, for the drawing. */
  label: string;
  /** A sentence. */
  title: string;
  /** Why it happened so, where there is a reason. */
  reason?: string | null;
  state: State;
  /** What proves it, as a person may read it. */
  evidence?: { name: string; text: string } | undefined;
}

/** Every step of a payment, oldest first. */
export function stepsOf(view: View, facts: PaymentFacts): Step[] {
  const steps = [
    askedStep(view, facts),
    ...facts.payment.route.map((step) => routeStep(view, facts, step)),
    ...eventSteps(view, facts),
    ...webhookSteps(view, facts),
    ...displayStep(view, facts),
    ...pollSteps(view, facts),
    ...hostWriteSteps(view, facts),
    ...publishedSteps(view, facts),
    ...deliverySteps(view, facts),
    ...discrepancySteps(view, facts),
  ];
  return steps.sort((a, b) => a.at.getTime() - b.at.getTime());
}

const askedStep = ({ texts }: View, { payment }: PaymentFacts): Step => ({
  phase: 'making',
  at: payment.createdAt,
  label: texts.tillAsked,
  title: fillIn(texts.tillAskedFor, { amount: money(payment.amount), order: payment.orderNumber }),
  state: 'quiet',
});

const stateOfOutcome: Readonly<Record<RouteStep['outcome'], State>> = {
  skipped: 'quiet',
  asked: 'wait',
  chosen: 'good',
  refused: 'bad',
  unknown: 'bad',
  superseded: 'quiet',
  lost: 'quiet',
};

function routeStep({ texts }: View, { attempts }: PaymentFacts, step: RouteStep): Step {
  const { provider, account, outcome, reason = null, durationMs } = step;
  const name = account === 'default' ? provider : `${provider}/${account}`;
  const at = new Date(step.at);
  const attempt = attempts.find(
    (each) => each.provider === provider && each.account === account && each.startedAt.getTime() === at.getTime(),
  );
  if (outcome === 'asked' && attempt?.answeredAt) return overtakenStep({ texts }, { ...attempt, answeredAt: attempt.answeredAt }, name);
  const evidence = withoutPersonal({ ...step, reference_id: attempt?.reference, id: attempt?.providerChargeId, status: attempt?.status });
  return {
    phase: 'making',
    at,
    ...(outcome === 'skipped' ? {} : { until: durationMs === undefined ? null : plusMs(at, durationMs) }),
    label: outcome === 'skipped' ? fillIn(texts.skippedLabel, { name }) : name,
    title: fillIn(texts[`route_${outcome}`], { name }),
    reason,
    state: stateOfOutcome[outcome],
    evidence: { name: texts.attemptRow, text: JSON.stringify(evidence, null, 2) },
  };
}

/** The route was stored when another provider's QR was shown. The result of this call is in its attempt. */
function overtakenStep({ texts }: Pick<View, 'texts'>, attempt: Attempt & { answeredAt: Date }, name: string): Step {
  const { status, reason, startedAt, answeredAt, reference, providerChargeId } = attempt;
  return {
    phase: 'making',
    at: startedAt,
    until: answeredAt,
    label: name,
    title: fillIn(texts.route_overtaken, { name, status }),
    reason: reason?.replaceAll('_', ' ') ?? null,
    state: status === 'paid' ? 'bad' : 'quiet',
    evidence: {
      name: texts.attemptRow,
      text: JSON.stringify(withoutPersonal({ reference_id: reference, id: providerChargeId, status, reason }), null, 2),
    },
  };
}

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
      evidence: event && { name: view.texts.eventRow, text: JSON.stringify(withoutPersonal(event), null, 2) },
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

function webhookSteps({ texts }: View, { webhooks, events }: PaymentFacts): Step[] {
  const paid = events.find(({ event: { type } }) => /^payment\.(paid|paid_late|duplicate_paid)$/.test(type));
  const recordedAt = paid ? new Date(paid.event.occurred_at) : null;
  return webhooks.map((webhook) => {
    const { id, provider, reportedStatus, receivedAt, processedAt, verdict, tries, raw } = webhook;
    return {
      phase: phaseOfWebhook(webhook, recordedAt),
      at: receivedAt,
      until: processedAt,
      label: fillIn(texts.webhookLabel, { status: reportedStatus ?? '' }),
      title: fillIn(texts.webhookReceived, { provider, status: reportedStatus ?? '–' }),
      reason: verdict ? fillIn(texts.verdict, { verdict: verdict.replaceAll('_', ' '), tries }) : fillIn(texts.notVerifiedYet, { tries }),
      state: verdict === 'applied' ? 'good' : verdict === 'parked' || verdict === 'contradicted' ? 'bad' : verdict ? 'quiet' : 'wait',
      evidence: { name: fillIn(texts.webhookBytes, { id, bytes: raw.length }), text: readableMessage(raw) },
    };
  });
}

/** The first report of the money begins the way to the kitchen. What a provider reports before or after it belongs elsewhere. */
function phaseOfWebhook({ receivedAt, reportedStatus }: PaymentFacts['webhooks'][number], recordedAt: Date | null): Phase {
  if (recordedAt && receivedAt > recordedAt) return 'after';
  return reportedStatus === 'paid' ? 'money' : 'display';
}

/** From the moment the QR was shown to the one after which no guest should scan it. */
function displayStep({ texts, now }: View, { payment, events }: PaymentFacts): Step[] {
  const timeOf = (pattern: RegExp) => events.find(({ event }) => pattern.test(event.type))?.event.occurred_at;
  const shownAt = timeOf(/^payment\.pending$/);
  if (!shownAt) return [];
  const ended = timeOf(/^payment\.(paid|paid_late|expired|cancelled|failed)$/);
  const ends = [payment.hiddenAt, ended ? new Date(ended) : null, payment.expiresAt < now ? payment.expiresAt : null];
  const times = ends.flatMap((at) => (at ? [at.getTime()] : []));
  const until = times.length > 0 ? new Date(Math.min(...times)) : null;
  return [
    { phase: 'display', at: new Date(shownAt), until, label: texts.onDisplay, title: texts.qrOnDisplay, state: until ? 'quiet' : 'wait' },
  ];
}

const pollSteps = ({ texts }: View, { payment: { checkedAt } }: PaymentFacts): Step[] =>
  checkedAt ? [{ phase: 'display', at: checkedAt, label: texts.pollLabel, title: texts.lastPoll, state: 'quiet' }] : [];

function hostWriteSteps({ texts }: View, { hostWrites, events, payment }: PaymentFacts): Step[] {
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
          },
        ]
      : [];
  const deferred = hostWrites.map(
    ({ step, createdAt, doneAt, closedBy, lastError, tries }): Step => ({
      phase: step === 'refunded' ? 'after' : 'money',
      at: createdAt,
      until: doneAt,
      label: texts.hostWritten,
      title: fillIn(doneAt ? texts.hostWriteDone : texts.hostWriteWaits, { host: payment.host, step, tries }),
      reason: closedBy ? fillIn(texts.closedBy, { who: closedBy }) : String(withoutPersonal(lastError ?? '', 'reason')) || null,
      state: doneAt ? 'good' : 'bad',
    }),
  );
  return [...atOnce, ...deferred];
}

function publishedSteps({ texts }: View, { events }: PaymentFacts): Step[] {
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
          },
        ]
      : [],
  );
}

function deliverySteps({ texts }: View, { deliveries, events }: PaymentFacts): Step[] {
  return deliveries.map(({ eventId, type, url, state, statusCode, error, tries, attemptedAt, deliveredAt }): Step => {
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
    };
  });
}

function discrepancySteps({ texts }: View, { discrepancies }: PaymentFacts): Step[] {
  return discrepancies.map(({ reason, ours, theirs, openedAt, closedAt, closedBy, closedReason }) => ({
    phase: 'after',
    at: openedAt,
    until: closedAt,
    label: texts.discrepancy,
    title: fillIn(texts.discrepancyOpened, {
      reason: reason.replaceAll('_', ' '),
      ours: moneyIfDigits(ours),
      theirs: moneyIfDigits(theirs),
    }),
    reason: closedBy ? `${fillIn(texts.closedBy, { who: closedBy })}: ${closedReason ?? ''}` : texts.discrepancyStillOpen,
    state: closedAt ? 'quiet' : 'bad',
  }));
}
