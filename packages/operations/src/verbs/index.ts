import type { Verb } from '../verb.ts';
import { accountListVerbs } from './account-list-verbs.ts';
import { accountVerbs } from './account-verbs.ts';
import { actionVerbs } from './action-verbs.ts';
import { auditVerb } from './audit-verb.ts';
import { discrepancyVerbs } from './discrepancy-verbs.ts';
import { holdVerbs } from './hold-verbs.ts';
import { hostWriteVerbs } from './host-write-verbs.ts';
import { keyVerbs } from './key-verbs.ts';
import { parkedVerbs } from './parked-verbs.ts';
import { paymentVerbs } from './payment-verbs.ts';
import { proveVerb } from './prove-verb.ts';
import { refundVerbs } from './refund-verbs.ts';
import { routeVerb } from './route-verb.ts';
import { storeVerbs } from './store-verbs.ts';
import { webhookVerbs } from './webhook-verbs.ts';

/** Everything that an operator can do. The command line and the pages are made from this list. */
export const verbs: readonly Verb[] = [
  ...holdVerbs,
  ...webhookVerbs,
  ...discrepancyVerbs,
  ...parkedVerbs,
  ...hostWriteVerbs,
  ...refundVerbs,
  ...storeVerbs,
  ...accountListVerbs,
  ...accountVerbs,
  proveVerb,
  auditVerb,
  ...actionVerbs,
  routeVerb,
  ...paymentVerbs,
  ...keyVerbs,
];

/** The verb with these words. @throws when there is none */
export function verbOf(words: string): Verb {
  const verb = verbs.find((each) => each.words === words);
  if (!verb) throw new Error(`no verb ${words}`);
  return verb;
}
