import { operatorEntry } from '@gateway/shared/runtime';
import { freshDatabase } from '@gateway/testing/database/servers';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { fillFast } from '../plans/many-payments.ts';

/** The two persons beside the operator of the stack. */
export const persons = {
  asks: { user: 'dewi', password: 'dewi has a long password', role: 'operator' },
  approves: { user: 'made', password: 'made has a long password', role: 'approver' },
} as const;

/** From how much on a refund waits for a second person. */
export const approvalFrom = 50_000;

/** The whole product on a database with so many past payments. A till waits as long as in a shop. */
export async function startFilledStack(payments: number): Promise<TestStack> {
  const posDatabase = await freshDatabase();
  const { seconds } = await fillFast(posDatabase.url, payments);
  console.log(`${payments} payments filled in ${Math.round(seconds)} s`);
  return startTestStack({ posDatabase, environment: await withPersons() });
}

/** The variables of a stack with these persons, whose tills wait as long as in a shop. */
export async function withPersons(): Promise<NodeJS.ProcessEnv> {
  const users = await Promise.all(Object.values(persons).map(({ user, role, password }) => operatorEntry(user, role, password)));
  return {
    OPERATOR_USERS: users.join(','),
    REFUND_APPROVAL_FROM: String(approvalFrom),
    CREATE_LIMIT_MS: '9500',
    HEDGE_AFTER_MS: '9000', // no hedging: the till of one task waits until the first provider's time is over
  };
}
