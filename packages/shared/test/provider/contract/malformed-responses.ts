import { ProviderError } from '@gateway/shared/provider';
import fc from 'fast-check';
import { inSequence, reply } from '../scripted-server.ts';
import { operations, type ProviderHarness } from './harness.ts';
import { mutated } from './mutated-json.ts';
import { expectNoCanary, outcomeOf, request, startScripted } from './requests.ts';

const runs = 10_000;
const seed = 1; // the same cases in every run
const httpStatuses = [
  200, 201, 202, 204, 206, 301, 400, 401, 402, 403, 404, 406, 407, 409, 410, 412, 414, 422, 429, 500, 501, 502, 503, 505,
];

/** Malformed, truncated and mistyped answers cause no crash and no unclassified error, and no part of them reaches a log line. */
export function malformedResponses(harness: ProviderHarness): void {
  it(`${runs} broken answers each become a valid result or a ProviderError`, async () => {
    const { server, provider, written, close } = await startScripted(harness);
    const casesOf = operations.map((operation) =>
      fc.record({
        operation: fc.constant(operation),
        status: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(200, 201) }, { weight: 1, arbitrary: fc.constantFrom(...httpStatuses) }),
        bodies: fc.array(mutated(harness.responses.samples[operation]), { minLength: 1, maxLength: 3 }),
      }),
    );
    try {
      await fc.assert(
        fc.asyncProperty(fc.oneof(...casesOf), async ({ operation, status, bodies }) => {
          server.script = inSequence(...(harness.responses.before[operation] ?? []), ...bodies.map((body) => reply(status, body)));
          const outcome = await outcomeOf(request(provider, operation));
          if (outcome instanceof ProviderError) expect(`${outcome.message} ${outcome.reason} ${outcome.cause}`).not.toContain('CANARY');
          else expectValid(outcome);
        }),
        { numRuns: runs, seed },
      );
      expectNoCanary(null, written.text());
    } finally {
      await close();
    }
  }, 120_000);
}

/** Every field of a charge or a refund has its declared type, and every text is one that PostgreSQL stores. */
function expectValid(value: unknown): void {
  if (value === null) return;
  const { amount, status, refunds, paidAt, expiresAt, paidAmount } = value as Record<string, unknown>;
  const isTime = (time: unknown) => time == null || !Number.isNaN((time as Date).getTime());
  const valid = {
    amount: Number.isSafeInteger(amount) && (amount as number) >= 0,
    status: /^(open|paid|expired|cancelled|failed|pending|succeeded)$/.test(status as string),
    times: isTime(paidAt) && isTime(expiresAt),
    paidAmount: paidAmount == null || Number.isSafeInteger(paidAmount),
    refunds: refunds === undefined || Array.isArray(refunds),
    // No control character and no half of a surrogate pair.
    texts: !/\\u00[01]|\\ud[89a-f]|\\[bfnrt]/.test(JSON.stringify(value)),
  };
  if (Object.values(valid).includes(false)) expect({ value, valid }).toBe('valid'); // a call of `expect` for each field takes most of the time
}
