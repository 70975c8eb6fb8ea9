import { plusMs } from '@gateway/shared/runtime';
import type { paymentRecord, providerCalls } from '@gateway/shared/store';
import type { State } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn, type Texts } from '../texts/texts.ts';
import { callEvidence, resultOf } from './evidence.ts';
import type { PaymentFacts } from './read-payment.ts';
import type { Phase, Step } from './step.ts';

type Call = providerCalls.RecordedCall;

const mostSteps = 12; // the newest calls; a QR that was polled for an hour has hundreds

const creates: ReadonlySet<string> = new Set(['create', 'qr_image']);

/** The calls that made the charge of an attempt, oldest first. */
export const callsThatMade = ({ calls }: PaymentFacts, reference: string): Call[] =>
  calls.filter((call) => call.reference === reference && creates.has(call.operation)).toReversed();

/** The questions with which a webhook was verified, oldest first. */
export const callsThatVerified = ({ calls }: PaymentFacts, webhook: paymentRecord.StoredWebhook): Call[] =>
  calls.filter((call) => isVerificationOf(webhook, call)).toReversed();

const isVerificationOf = ({ reference, receivedAt, processedAt }: paymentRecord.StoredWebhook, call: Call): boolean =>
  call.operation === 'find' &&
  call.reference === reference &&
  processedAt !== null &&
  call.startedAt >= receivedAt &&
  call.startedAt <= processedAt;

/** The other calls, each as a step of its own: polls, cancels, refunds. */
export function callSteps(view: View, facts: PaymentFacts): Step[] {
  const { calls, webhooks, attempts, payment } = facts;
  const ofAttempts = new Set(attempts.map(({ reference }) => reference));
  const isElsewhere = (call: Call) =>
    (creates.has(call.operation) && ofAttempts.has(call.reference)) || webhooks.some((webhook) => isVerificationOf(webhook, call));
  const isAfter = (call: Call): boolean =>
    !ofAttempts.has(call.reference) || call.operation === 'refund' || (payment.paidAt !== null && call.startedAt > payment.paidAt);
  return calls
    .filter((call) => !isElsewhere(call))
    .slice(0, mostSteps)
    .map((call) => stepOf(view, call, isAfter(call) ? 'after' : 'display'));
}

function stepOf(view: View, call: Call, phase: Phase): Step {
  const { provider, account, startedAt, durationMs } = call;
  const name = account === 'default' ? provider : `${provider}/${account}`;
  const words = { provider: name, operation: operationName(view, call) };
  return {
    phase,
    at: startedAt,
    until: plusMs(startedAt, durationMs),
    label: fillIn(view.texts.callLabel, words),
    title: fillIn(view.texts.callTitle, words),
    reason: resultOf(view, call),
    state: stateOf(call),
    evidence: [callEvidence(view, call)],
  };
}

export const operationName = ({ texts }: View, { operation }: Call): string => {
  const key = `call_${operation}`;
  return key in texts ? texts[key as keyof Texts] : operation.replaceAll('_', ' ');
};

const stateOf = ({ status }: Call): State => (status === null || status >= 500 ? 'bad' : status >= 400 ? 'wait' : 'quiet');
