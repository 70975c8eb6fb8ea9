import { copyCheckout } from './mutants/checkout-copy.mjs';
import { describeMutant, mistakesOf, mutants } from './mutants/list.mjs';
import { tryMutant } from './mutants/run-tests.mjs';

describe('the list of mutants', () => {
  it('fits the code: each text stands exactly once in its file, and its tests exist', () => {
    expect(mutants.flatMap((mutant) => mistakesOf(mutant).map((mistake) => `${describeMutant(mutant)}: ${mistake}`))).toEqual([]);
  });

  it('says of each mutant what harm it would do', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(80);
    expect(mutants.filter(({ why }) => !why).map(describeMutant)).toEqual([]);
  });
});

// The whole list takes 25 minutes: npm run mutants.
describe('a mutant of a rule', () => {
  const wanted = ['if (received < payment.amount)', "return isSettled(payment) ? null : 'paid';"];
  const chosen = wanted.map((wantedText) => mutants.find(({ text }) => text === wantedText));
  let copy;
  beforeAll(() => {
    copy = copyCheckout('test');
  });

  it('is killed by the tests that are named beside it', async () => {
    for (const mutant of chosen) expect(await tryMutant(copy, mutant)).toMatchObject({ outcome: 'killed' });
  }, 120_000);
});
