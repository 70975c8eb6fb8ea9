import { ProviderOutcomeUnknown } from '@gateway/shared/provider';
import { inSequence, json } from '../scripted-server.ts';
import { type Operation, operations, type ProviderHarness } from './harness.ts';
import { contractKey, contractRefund, expectNoCanary, never, outcomeOf, request, startScripted } from './requests.ts';

/** Every state and every refusal of the provider's documents, in the provider's own form. */
export function states(harness: ProviderHarness): void {
  let scripted: Awaited<ReturnType<typeof startScripted>>;
  beforeAll(async () => {
    scripted = await startScripted(harness);
  });
  afterAll(() => scripted.close());

  it.each(harness.responses.states)('$what', async ({ answers, charge }) => {
    scripted.server.script = inSequence(...answers);
    const found = await scripted.provider.findCharge(contractKey, never);
    if (charge === null) expect(found).toBeNull();
    else expect(found).toMatchObject({ reference: contractKey.reference, amount: 150_000, ...charge });
  });

  it.each(operations)('an answer to %s about another charge or refund is an unknown outcome without an id', async (operation) => {
    const [sample] = harness.responses.samples[operation];
    const another = JSON.parse(
      JSON.stringify(sample)
        .replaceAll(contractKey.reference, 'pos-another-1')
        .replaceAll(contractKey.providerChargeId, 'id-another')
        .replaceAll(contractRefund.reference, 'pos-another-r1'),
    );
    scripted.server.script = inSequence(...(harness.responses.before[operation] ?? []), json(200, another));
    const outcome = await outcomeOf(request(scripted.provider, operation));
    expect(outcome).toMatchObject({ constructor: ProviderOutcomeUnknown, providerChargeId: null });
  });

  describe.each(['findCharge', 'cancelCharge', 'expireCharge'] as const)('an answer to %s', (operation) => {
    it.each([
      ['our reference', contractKey.reference],
      ['the provider’s id', contractKey.providerChargeId],
    ])('is about the charge if one of its ids is in it: another text in place of %s', async (_, id) => {
      const samples = harness.responses.samples[operation];
      const answers = [samples[0], samples.at(-1)].map((each) => JSON.parse(JSON.stringify(each).replaceAll(id, 'id-another')));
      scripted.server.script = inSequence(...answers.map((answer) => json(200, answer)));
      expect(await request(scripted.provider, operation)).toMatchObject({ reference: contractKey.reference, amount: 150_000 });
    });
  });

  const cases = harness.responses.refusals.flatMap(({ what, answer, to }) =>
    Object.entries(to).map(([operation, expected]) => ({ what, answer, operation: operation as Operation, expected })),
  );
  it.each(cases)('$what, to $operation', async ({ answer, operation, expected }) => {
    scripted.server.script = inSequence(...(harness.responses.before[operation] ?? []), answer);
    const outcome = await outcomeOf(request(scripted.provider, operation));
    if (expected === null) expect(outcome).toBeNull();
    else expect(outcome).toMatchObject({ constructor: expected[0], reason: expected[1] });
    expectNoCanary(outcome, scripted.written.text());
  });
}
