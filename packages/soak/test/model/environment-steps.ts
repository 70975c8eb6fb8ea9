import { operatorDiscrepancies, replay } from '@gateway/shared/store';
import type { ProviderName } from '@gateway/simulator';
import fc from 'fast-check';
import type { ModelRun } from './model-run.ts';
import {
  anyIndex,
  condition,
  type FaultName,
  hasDeliveries,
  hold,
  hour,
  minute,
  pendingCharges,
  pick,
  providers,
  second,
  step,
  takeDelivery,
  weighted,
} from './step.ts';

/** What can happen to a webhook between a provider and the gateway. */
export const webhookSteps = [
  weighted(10, 'deliver', anyIndex, (n) =>
    step(`deliver(${n})`, hasDeliveries, async (modelRun) => modelRun.deliver(takeDelivery(modelRun.scenario, n))),
  ),
  weighted(3, 'deliver twice', anyIndex, (n) =>
    step(`deliver twice(${n})`, hasDeliveries, async (modelRun) => {
      const delivery = takeDelivery(modelRun.scenario, n);
      await Promise.all([modelRun.deliver(delivery), modelRun.deliver(delivery)]);
      modelRun.scenario.deliveries.push(delivery); // a later step may deliver it once more
    }),
  ),
  weighted(2, 'drop', anyIndex, (n) => condition(`drop(${n})`, hasDeliveries, ({ scenario }) => takeDelivery(scenario, n))),
  weighted(1, 'invalid signature', anyIndex, (n) =>
    condition(`invalid signature(${n})`, hasDeliveries, async (modelRun) => {
      const delivery = pick(modelRun.scenario.deliveries, n);
      const body = Buffer.from(delivery.body.toString().replace(/"signature_key":"[0-9a-f]{4}/, '"signature_key":"0bad'));
      const status = await modelRun.deliver({ ...delivery, body, headers: { ...delivery.headers, 'x-callback-token': 'invalid' } });
      if (status !== 401) throw new Error(`a webhook with an invalid signature was answered with ${status}`);
    }),
  ),
  weighted(2, 'false webhook', fc.record({ n: anyIndex, what: fc.constantFrom('paid', 'expired', 'failed') }), ({ n, what }) =>
    condition(
      `false webhook(${n}, ${what})`,
      (scenario) => scenario.charges().length > 0,
      ({ worker, scenario }) => worker.simulator.controls.forge(pick(scenario.charges(), n).id, what as 'paid'),
    ),
  ),
];

/** What can happen at the providers. */
export const providerSteps = [
  weighted(4, 'a charge ends at the provider', fc.record({ n: anyIndex, how: fc.constantFrom('expire', 'fail') }), ({ n, how }) =>
    step(
      `charge ${how} at the provider(${n})`,
      (scenario) => pendingCharges(scenario).length > 0,
      ({ worker, scenario }) => worker.simulator.controls[how as 'expire'](pick(pendingCharges(scenario), n).id),
    ),
  ),
  weighted(
    4,
    'the provider fails',
    fc.record({
      provider: providers,
      operation: fc.constantFrom('create', 'create', 'status', 'cancel', 'refund', 'any'),
      fault: fc.constantFrom<FaultName>(
        'http_500',
        'http_500_after_effect',
        'reset_after_effect',
        'refuse',
        'rejected',
        'rate_limited',
        'truncated',
      ),
      times: fc.constantFrom(1, 1, 2, 5),
    }),
    ({ provider, operation, fault, times }) =>
      condition(
        `${provider} ${operation} ${fault} ×${times}`,
        () => true,
        ({ worker }) => worker.simulator.controls.addFault(provider, { operation: operation as 'any', fault, times }),
      ),
  ),
  weighted(2, 'the next refund is refused', fc.constant(0), () =>
    condition(
      'the next refund is refused',
      () => true,
      ({ worker }) => {
        for (const provider of ['midtrans', 'xendit'] as const)
          worker.simulator.controls.addFault(provider, { operation: 'refund', fault: 'rejected', times: 1 });
      },
    ),
  ),
  weighted(2, "the next charge's answer is lost", fc.constant(0), () =>
    condition(
      "the next charge's answer is lost",
      () => true,
      ({ worker }) => worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'reset_after_effect', times: 1 }),
    ),
  ),
  weighted(
    1,
    'the provider makes a wrong charge',
    fc.record({ provider: providers, fault: fc.constantFrom<FaultName>('duplicate', 'wrong_amount_qr', 'no_qr') }),
    ({ provider, fault }) =>
      condition(
        `${provider} create ${fault}`,
        () => true,
        ({ worker }) => worker.simulator.controls.addFault(provider, { operation: 'create', fault, times: 1 }),
      ),
  ),
  weighted(1, 'the provider lags', providers, (provider) =>
    condition(
      `${provider} lags`,
      () => true,
      ({ worker }) => worker.simulator.controls.addFault(provider, { operation: 'status', fault: 'lag', times: 2, delay_ms: 3_600_000 }),
    ),
  ),
  weighted(1, 'faults cleared', providers, (provider) =>
    condition(
      `${provider} faults cleared`,
      () => true,
      ({ worker }) => worker.simulator.controls.clearFaults(provider),
    ),
  ),
];

/** What operators and stores decide. */
export const operatorSteps = [
  weighted(
    6,
    'hold',
    fc.constantFrom<ProviderName[]>(['midtrans'], ['midtrans'], ['midtrans'], ['xendit'], ['midtrans', 'xendit'], []),
    (held) =>
      condition(
        `hold ${held.join(' and ') || 'no provider'}`,
        () => true,
        (modelRun) => hold(modelRun, held),
      ),
  ),
  weighted(2, 'policy for late money', fc.constantFrom('accept', 'refund', 'hold'), (policy) =>
    condition(
      `late money: ${policy}`,
      () => true,
      ({ worker }) => Object.assign(worker.settings, { lateMoney: policy }),
    ),
  ),
  weighted(1, 'replay all webhooks', fc.constant(0), () =>
    step(
      'replay all webhooks',
      ({ records }) => records.inbox.length > 0,
      ({ worker, scenario }) =>
        replay.range(
          worker.db,
          { since: scenario.startedAt, until: null, account: null, everyMs: 200 },
          { actor: 'operator', at: worker.clock.now() },
        ),
    ),
  ),
  weighted(2, 'close a discrepancy', anyIndex, (n) =>
    step(
      `close a discrepancy(${n})`,
      ({ records }) => records.discrepancies.some(({ closedAt }) => !closedAt),
      ({ worker, scenario }) => {
        const { id } = pick(
          scenario.records.discrepancies.filter(({ closedAt }) => !closedAt),
          n,
        );
        return operatorDiscrepancies.close(worker.db, {
          id,
          host: scenario.software.hostId,
          by: 'operator',
          because: 'seen',
          at: worker.clock.now(),
        });
      },
    ),
  ),
];

/** Time passes, and jobs run or are lost. */
export const timeSteps = [
  weighted(
    4,
    'time passes, due jobs run',
    fc.constantFrom(second, 3 * second, 10 * second, 35 * second, minute, 2 * minute, 15 * minute, hour),
    (ms) =>
      step(
        `${ms / second} s pass, due jobs run`,
        () => true,
        async (modelRun) => {
          modelRun.worker.advance(ms);
          await modelRun.sweep();
        },
      ),
  ),
  weighted(1, 'time passes, no job runs', fc.constantFrom(3 * second, minute, 15 * minute, 25 * hour, 49 * hour), (ms) =>
    condition(
      `${ms / second} s pass, no job runs`,
      () => true,
      ({ worker }) => worker.advance(ms),
    ),
  ),
  weighted(3, 'the sweep runs', fc.constant(0), () =>
    step(
      'the sweep runs',
      () => true,
      (modelRun) => modelRun.sweep(),
    ),
  ),
  weighted(3, 'the queue runs', fc.constant(0), () =>
    step(
      'the queue runs',
      ({ jobs }) => jobs.length > 0,
      (modelRun) => modelRun.runQueue(),
    ),
  ),
  weighted(2, 'one job runs', anyIndex, (n) =>
    step(
      `one job runs(${n})`,
      ({ jobs }) => jobs.length > 0,
      (modelRun) =>
        modelRun.runJob(...(modelRun.scenario.jobs.splice(n % modelRun.scenario.jobs.length, 1) as [ModelRun['scenario']['jobs'][number]])),
    ),
  ),
  weighted(2, 'Redis is flushed', fc.constant(0), () =>
    condition(
      'Redis is flushed',
      ({ jobs }) => jobs.length > 0,
      ({ scenario }) => scenario.jobs.splice(0),
    ),
  ),
];
