import type { Attempt, RouteStep } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { codeOf, type State } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { callsThatMade } from './call-steps.ts';
import { callEvidence, type Evidence, rowEvidence } from './evidence.ts';
import type { PaymentFacts } from './read-payment.ts';
import { routeReason } from './route-reasons.ts';
import type { Step } from './step.ts';

const stateOfOutcome: Readonly<Record<RouteStep['outcome'], State>> = {
  skipped: 'quiet',
  asked: 'wait',
  chosen: 'good',
  refused: 'bad',
  unknown: 'bad',
  superseded: 'quiet',
  lost: 'quiet',
};

/** The accounts that were considered for the QR, in their order. */
export const routeSteps = (view: View, facts: PaymentFacts): Step[] => facts.payment.route.map((step) => routeStep(view, facts, step));

function routeStep(view: View, facts: PaymentFacts, step: RouteStep): Step {
  const { texts } = view;
  const { provider, account, outcome, reason = null, durationMs } = step;
  const name = account === 'default' ? provider : `${provider}/${account}`;
  const at = new Date(step.at);
  const attempt = facts.attempts.find(
    (each) => each.provider === provider && each.account === account && each.startedAt.getTime() === at.getTime(),
  );
  const calls = callsOf(view, facts, attempt);
  if (outcome === 'asked' && attempt?.answeredAt) return overtakenStep(view, { ...attempt, answeredAt: attempt.answeredAt }, name, calls);
  const row = { ...step, reference_id: attempt?.reference, id: attempt?.providerChargeId, status: attempt?.status };
  return {
    phase: 'making',
    at,
    ...(outcome === 'skipped' ? {} : { until: durationMs === undefined ? null : plusMs(at, durationMs) }),
    label: outcome === 'skipped' ? fillIn(texts.skippedLabel, { name }) : name,
    title: fillIn(texts[`route_${outcome}`], { name }),
    reason: reason && routeReason(view, reason, at),
    state: stateOfOutcome[outcome],
    evidence: [...calls, rowEvidence(view, row, texts.attemptRow)],
  };
}

const callsOf = (view: View, facts: PaymentFacts, attempt: Attempt | undefined): Evidence[] =>
  attempt ? callsThatMade(facts, attempt.reference).map((call) => callEvidence(view, call)) : [];

/** The route was stored when another provider's QR was shown. The result of this call is in its attempt. */
function overtakenStep(view: View, attempt: Attempt & { answeredAt: Date }, name: string, calls: Evidence[]): Step {
  const { status, reason, startedAt, answeredAt, reference, providerChargeId } = attempt;
  const row = { reference_id: reference, id: providerChargeId, status, reason };
  return {
    phase: 'making',
    at: startedAt,
    until: answeredAt,
    label: name,
    title: fillIn(view.texts.route_overtaken, { name, status: codeOf(view, status) }),
    reason: reason && routeReason(view, reason, startedAt),
    state: status === 'paid' ? 'bad' : 'quiet',
    evidence: [...calls, rowEvidence(view, row, view.texts.attemptRow)],
  };
}
