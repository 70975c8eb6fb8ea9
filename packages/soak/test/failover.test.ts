import { type OutageRun, scale, startOutageRun, type Visit } from './failover/outage-run.ts';
import { type Guarantee, type Observation, type OutageScenario, outageScenarios } from './failover/outage-scenarios.ts';
import { allOutputs } from './failover/outputs.ts';
import { afterTwoDays, correctQrs, msOf, quantile, type RunRecords, readRecords } from './failover/run-records.ts';

/** `npm run soak:failover [-- --first=xendit --rows=hangs,none]` prints the whole table. Without `--first` it runs in both directions. */
const directions = (
  [
    ['midtrans', 'xendit'],
    ['xendit', 'midtrans'],
  ] as const
).filter(([first]) => (process.env.SOAK_FIRST ?? (scale.isFull ? first : 'midtrans')) === first);

beforeAll(() => {
  if (scale.isFull) process.stdout.write('| outage | provider | correct QRs | tills waited | guarantees |\n|---|---|---|---|---|\n');
});

describe.each(directions)('%s first, then %s', (first, second) => {
  let run: OutageRun;
  beforeAll(async () => {
    run = await startOutageRun(first, second);
  });
  afterAll(() => run?.close());

  it.each(outageScenarios)(
    '$name',
    async (scenario) => {
      await run.recovered();
      const observed = await runScenario(run, scenario);
      const recoveryMs = await run.recovered();
      const aftermath = await afterTwoDays(run, [...observed.healthy, ...observed.visits]);
      const correctCount = correctQrs(observed.visits, observed.records);
      const guarantees: Guarantee[] = [
        ...scenario.guarantees(observed),
        [`recovered in ${Math.round(recoveryMs)} ms`, !scale.isFull || recoveryMs <= scale.resetTimeoutMs + 3_000],
        [`${aftermath.unresolved} unresolved attempts`, aftermath.unresolved === 0],
        [`${aftermath.uncancelled} open charges not cancelled`, aftermath.uncancelled === 0],
        [`I3, I8: ${aftermath.violations.join(', ') || 'hold'}`, aftermath.violations.length === 0],
        [`${correctCount} correct QRs`, correctCount === observed.visits.filter(({ answer }) => answer.status === 201).length],
        [`${correctCount} of ${observed.visits.length}`, scenario.mustServeAll === false || correctCount === observed.visits.length],
      ];
      printRow(scenario, observed, correctCount, guarantees);
      expect(guarantees.filter(([, isKept]) => !isKept).map(([what]) => what)).toEqual([]);
    },
    180_000 + scale.payments * 1_000,
  );

  it('no output contains a QR that was not displayed', async () => {
    const { rows } = await run.stack.pos.query<{ qr: string }>('select qr_string as qr from gateway.payments where qr_string is not null');
    const displayed = new Set(rows.map(({ qr }) => qr));
    const notDisplayed = (await run.stack.simulator.charges())
      .flatMap(({ qr_string }) => qr_string ?? [])
      .filter((qr) => !displayed.has(qr));
    const outputs = await allOutputs(run);
    expect(notDisplayed.length).toBeGreaterThan(0);
    expect(notDisplayed.filter((qr) => outputs.includes(qr))).toEqual([]);
    expect([...displayed].some((qr) => outputs.includes(qr))).toBe(true); // the search does find displayed QRs
  });
});

/** Takes orders before the outage, then during it. */
async function runScenario(run: OutageRun, scenario: OutageScenario): Promise<Observation> {
  const healthy = await run.takeOrders(scale.warmUp, scenario.outlets);
  const updatesBefore = run.breakerUpdates.length;
  await scenario.injectFault(run);
  const stop = scenario.meanwhile?.(run);
  const visits = await run.takeOrders(scale.payments, scenario.outlets);
  stop?.();
  await run.stack.simulator.clearFaults();
  const records: RunRecords = await readRecords(run, visits);
  const breakerUpdates = run.breakerUpdates
    .slice(updatesBefore)
    .filter(({ account, kind }) => kind === 'create' && account.startsWith(`${run.first}/`));
  return { run, healthy, visits, records, breakerUpdates };
}

/** Prints one row of the table as soon as its outage is over. */
function printRow({ name }: OutageScenario, { run, healthy, visits }: Observation, correctCount: number, guarantees: Guarantee[]): void {
  if (!scale.isFull) return;
  const served = visits.filter(({ answer }) => answer.status === 201);
  const quantiles = (of: Visit[]) => `p50 ${quantile(msOf(of), 0.5)}, p99 ${quantile(msOf(of), 0.99)} ms`;
  const texts = guarantees.map(([what, isKept]) => (isKept ? what : `NOT KEPT: ${what}`));
  process.stdout.write(
    `| ${name} | ${run.first} | ${correctCount}/${visits.length} | ${quantiles(served.length > 0 ? served : visits)} (healthy: ${quantiles(healthy)}) | ${texts.join('; ')} |\n`,
  );
}
