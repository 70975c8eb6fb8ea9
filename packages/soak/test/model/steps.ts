import fc from 'fast-check';
import { operatorSteps, providerSteps, timeSteps, webhookSteps } from './environment-steps.ts';
import { hostSteps } from './host-steps.ts';
import { orderSequences } from './order-sequences.ts';
import { outageSteps } from './outage-steps.ts';
import { guestSteps, orderByApiSteps, tillSteps } from './till-steps.ts';

const onAnyHost = [
  ...tillSteps,
  ...guestSteps,
  ...hostSteps,
  ...webhookSteps,
  ...providerSteps,
  ...operatorSteps,
  ...timeSteps,
  ...orderSequences,
  ...outageSteps,
];
const all = [...onAnyHost, ...orderByApiSteps];

/** Everything that can happen between a till, a guest, two providers, the host, operators and time. */
export const steps = fc.oneof(...all);

/** The same without what only a till does that sends its orders by HTTP. */
export const stepsOnAnyHost = fc.oneof(...onAnyHost);

/** The kinds of steps, each once. */
export const stepKinds: readonly string[] = all.map(({ kind }) => kind);
