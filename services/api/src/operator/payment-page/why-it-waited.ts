import type { Attempt, Payment, RouteStep } from '@gateway/shared/payment';
import { type Html, html } from '../../http/html.ts';
import { duration } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { routeReason } from './route-reasons.ts';

/** From how long a wait on a till's QR on a payment is called slow, milliseconds. */
export const slowMs = 3_000;

const noticedMs = 300; // what a queue or a busy database may take before a provider is asked

/** How long the till waited for its QR, in milliseconds. Null: no QR was shown. */
export function waitedMs({ route, createdAt }: Pick<Payment, 'route' | 'createdAt'>): number | null {
  const chosen = route.find(({ outcome }) => outcome === 'chosen');
  return chosen ? new Date(chosen.at).getTime() + (chosen.durationMs ?? 0) - createdAt.getTime() : null;
}

/** What the time went into, in the order in which it happened: one sentence for each provider. */
export function whyItWaited(view: View, payment: Payment, attempts: readonly Attempt[]): Html {
  const { texts } = view;
  const started = payment.route.filter(({ outcome }) => outcome !== 'skipped').map(({ at }) => new Date(at).getTime());
  const beforeMs = started.length > 0 ? Math.min(...started) - payment.createdAt.getTime() : 0;
  const before = beforeMs < noticedMs ? [] : [fillIn(texts.why_before, { time: duration(view, beforeMs) })];
  const sentences = [...before, ...payment.route.map((step) => sentenceOf(view, step, attempts))];
  return html`<ol class="why">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ol>`;
}

function sentenceOf(view: View, step: RouteStep, attempts: readonly Attempt[]): string {
  const { texts } = view;
  const { provider, account, outcome, reason, at, durationMs } = step;
  const attempt = attempts.find((each) => each.provider === provider && each.account === account && each.startedAt.toISOString() === at);
  const answeredMs = attempt?.answeredAt ? attempt.answeredAt.getTime() - attempt.startedAt.getTime() : null;
  const ms = durationMs ?? answeredMs;
  const values = {
    name: account === 'default' ? provider : `${provider}/${account}`,
    time: ms === null ? '' : duration(view, ms),
    reason: routeReason(view, reason ?? attempt?.reason ?? '–', new Date(at)),
  };
  return fillIn(outcome === 'asked' && ms !== null ? texts.why_superseded : texts[`why_${outcome}`], values);
}
