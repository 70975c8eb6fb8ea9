import fc from 'fast-check';
import { operatorSteps, providerSteps, timeSteps, webhookSteps } from './environment-steps.ts';
import { hostSteps } from './host-steps.ts';
import { outageSteps } from './outage-steps.ts';
import { guestSteps, tillSteps } from './till-steps.ts';

/** Everything that can happen between a till, a guest, two providers, the host, operators and time. */
export const steps = fc.oneof(
  ...tillSteps,
  ...guestSteps,
  ...hostSteps,
  ...webhookSteps,
  ...providerSteps,
  ...operatorSteps,
  ...timeSteps,
  ...outageSteps,
);
