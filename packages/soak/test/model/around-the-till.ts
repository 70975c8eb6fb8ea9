import { closeDiscrepancy, replayWebhooks } from '@gateway/shared/store';
import fc from 'fast-check';
import { type FaultName, hasLetters, hour, livingCharges, minute, pick, providers, second, some, step, take, weighted } from './step.ts';
import type { World } from './world.ts';

export const news = [
  weighted(10, some, (n) => step(`deliver(${n})`, hasLetters, async (world) => world.deliver(take(world.story, n)))),
  weighted(3, some, (n) =>
    step(`deliver twice(${n})`, hasLetters, async (world) => {
      const letter = take(world.story, n);
      await Promise.all([world.deliver(letter), world.deliver(letter)]);
      world.story.letters.push(letter); // and once more, some time
    }),
  ),
  weighted(2, some, (n) => step(`lose(${n})`, hasLetters, ({ story }) => take(story, n))),
  weighted(1, some, (n) =>
    step(`forge(${n})`, hasLetters, async (world) => {
      const letter = pick(world.story.letters, n);
      const body = Buffer.from(letter.body.toString().replace(/"signature_key":"[0-9a-f]{4}/, '"signature_key":"0bad'));
      const status = await world.deliver({ ...letter, body, headers: { ...letter.headers, 'x-callback-token': 'not it' } });
      if (status !== 401) throw new Error(`a forged webhook was answered ${status}`);
    }),
  ),
  weighted(2, fc.record({ n: some, what: fc.constantFrom('paid', 'expired', 'failed') }), ({ n, what }) =>
    step(
      `say untruly(${n}, ${what})`,
      (story) => story.charges().length > 0,
      ({ shop, story }) => shop.simulator.controls.claim(pick(story.charges(), n).id, what as 'paid'),
    ),
  ),
];

export const outside = [
  weighted(1, fc.record({ n: some, how: fc.constantFrom('expire', 'fail') }), ({ n, how }) =>
    step(
      `provider lets it ${how}(${n})`,
      (story) => livingCharges(story).length > 0,
      ({ shop, story }) => shop.simulator.controls[how as 'expire'](pick(livingCharges(story), n).id),
    ),
  ),
  weighted(
    4,
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
      step(
        `${provider} ${operation} ${fault} ×${times}`,
        () => true,
        ({ shop }) => shop.simulator.controls.addFault(provider, { operation: operation as 'any', fault, times }),
      ),
  ),
  weighted(2, fc.constant(0), () =>
    step(
      'the next refund is refused',
      () => true,
      ({ shop }) => {
        for (const provider of ['midtrans', 'xendit'] as const)
          shop.simulator.controls.addFault(provider, { operation: 'refund', fault: 'rejected', times: 1 });
      },
    ),
  ),
  weighted(2, fc.constant(0), () =>
    step(
      "the next charge's answer is lost",
      () => true,
      ({ shop }) => shop.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'reset_after_effect', times: 1 }),
    ),
  ),
  weighted(
    1,
    fc.record({ provider: providers, fault: fc.constantFrom<FaultName>('duplicate', 'wrong_amount_qr', 'no_qr') }),
    ({ provider, fault }) =>
      step(
        `${provider} create ${fault}`,
        () => true,
        ({ shop }) => shop.simulator.controls.addFault(provider, { operation: 'create', fault, times: 1 }),
      ),
  ),
  weighted(1, providers, (provider) =>
    step(
      `${provider} lags`,
      () => true,
      ({ shop }) => shop.simulator.controls.addFault(provider, { operation: 'status', fault: 'lag', times: 2, delay_ms: 3_600_000 }),
    ),
  ),
  weighted(1, providers, (provider) =>
    step(
      `${provider} is well`,
      () => true,
      ({ shop }) => shop.simulator.controls.clearFaults(provider),
    ),
  ),
];

export const operators = [
  weighted(1, fc.record({ provider: providers, held: fc.boolean() }), ({ provider, held }) =>
    step(
      `${held ? 'hold' : 'release'} ${provider}`,
      () => true,
      async ({ shop }) => {
        const others = shop.settings.holds.filter((hold) => hold.provider !== provider);
        shop.settings.holds = held ? [...others, { provider, account: '*', storeId: '*', heldAt: shop.clock.now() }] : others;
      },
    ),
  ),
  weighted(1, fc.constantFrom('accept', 'refund', 'hold'), (wish) =>
    step(
      `late money: ${wish}`,
      () => true,
      ({ shop }) => Object.assign(shop.settings, { lateMoney: wish }),
    ),
  ),
  weighted(1, fc.constant(0), () =>
    step(
      'replay all webhooks',
      ({ records }) => records.inbox.length > 0,
      ({ shop, story }) => replayWebhooks(shop.db.pool, { since: story.startedAt, at: shop.clock.now(), everyMs: 200 }),
    ),
  ),
  weighted(1, some, (n) =>
    step(
      `close a discrepancy(${n})`,
      ({ records }) => records.discrepancies.some(({ closedAt }) => !closedAt),
      ({ shop, story }) => {
        const { id } = pick(
          story.records.discrepancies.filter(({ closedAt }) => !closedAt),
          n,
        );
        return closeDiscrepancy(shop.db, { id, host: 'pos', by: 'operator', because: 'seen', at: shop.clock.now() });
      },
    ),
  ),
];

export const time = [
  weighted(4, fc.constantFrom(second, 3 * second, 10 * second, 35 * second, minute, 2 * minute, 15 * minute, hour), (ms) =>
    step(
      `${ms / second} s pass, and what is due is done`,
      () => true,
      async (world) => {
        world.shop.pass(ms);
        await world.sweep();
      },
    ),
  ),
  weighted(1, fc.constantFrom(3 * second, minute, 15 * minute, 25 * hour, 49 * hour), (ms) =>
    step(
      `${ms / second} s pass, and nobody is at work`,
      () => true,
      ({ shop }) => shop.pass(ms),
    ),
  ),
  weighted(3, fc.constant(0), () =>
    step(
      'the sweep',
      () => true,
      (world) => world.sweep(),
    ),
  ),
  weighted(3, fc.constant(0), () =>
    step(
      'the queue',
      ({ jobs }) => jobs.length > 0,
      (world) => world.runQueue(),
    ),
  ),
  weighted(2, some, (n) =>
    step(
      `one job(${n})`,
      ({ jobs }) => jobs.length > 0,
      (world) => world.run(...(world.story.jobs.splice(n % world.story.jobs.length, 1) as [World['story']['jobs'][number]])),
    ),
  ),
  weighted(1, fc.constant(0), () =>
    step(
      'Redis is flushed',
      ({ jobs }) => jobs.length > 0,
      ({ story }) => story.jobs.splice(0),
    ),
  ),
];
