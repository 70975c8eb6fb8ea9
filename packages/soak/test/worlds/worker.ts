import { providerKind } from '@gateway/shared/provider';
import type { Handlers } from '@gateway/shared/queue';
import { createAskProvider } from '@gateway/worker/src/charging/ask-provider.ts';
import { createHedging } from '@gateway/worker/src/charging/hedging.ts';
import { createChooseRoute } from '@gateway/worker/src/charging/routing.ts';
import type { Deps } from '@gateway/worker/src/deps.ts';
import { createHandlers } from '@gateway/worker/src/handlers.ts';
import type { Candidate } from '@gateway/worker/src/providers/accounts.ts';
import { createPaymentWriter } from '@gateway/worker/src/settling/payment-writer.ts';
import { FakeProvider } from './fake-provider.ts';
import type { Gateway } from './gateway.ts';

/** The worker's handlers, wired as its main.ts does, with what is simulated in place of HTTP, Redis and the control data. */
export function createWorker(gateway: Gateway): Handlers {
  const { world, lane, book } = gateway;
  const { time: clock } = world;
  const { log, metrics, hosts } = lane;
  const candidates = new Map<string, Candidate>(
    lane.accounts.map((account) => {
      const { traits } = providerKind(account.provider);
      return [account.provider, { provider: new FakeProvider(account, book), traits, openBreaker: () => null }];
    }),
  );
  const accounts: Deps['accounts'] = {
    find: (provider) => candidates.get(provider) ?? null,
    of: ({ provider }) => candidates.get(provider) as Candidate,
  };
  // A busy account: a poll takes place seconds later than wished, so that a QR on display costs a few polls and not hundreds.
  const laterSlot = async (_: unknown, __: unknown, earliest: Date) => {
    const name = `slot ${earliest.getTime() - clock.startMs}`;
    return new Date(Math.max(earliest.getTime(), clock.nowMs + (world.isCalm ? 0 : world.untilMoment(name))));
  };
  const ownSlot = async (_: unknown, __: unknown, earliest: Date) => earliest;
  const pollSlots = { reserve: laterSlot, reserveAfterCall: laterSlot, reserveForMoney: ownSlot };
  const hedging = createHedging(clock);
  const wakeRelay = () => gateway.wakeRelay();
  const reply: Deps['reply'] = (payment) => {
    const name = world.unique('reply');
    if (world.fails(`${name} lost`, 0.05, `${name} to the api is lost.`)) return;
    world.time.after(world.duration(name, 0.3, 3), name, () => gateway.onReply(payment));
  };
  const order = world.draws.pick('provider order', [
    ['midtrans', 'xendit'],
    ['midtrans', 'xendit'],
    ['xendit', 'midtrans'],
  ]);
  const lateMoney = world.draws.pick('late money', ['accept', 'accept', 'refund', 'hold'] as const);
  const createLimitMs = 9_500;
  const control = () => ({ clients: new Map(), settings: new Map(), holds: [] });
  const deps: Deps = {
    hosts,
    accounts,
    pollSlots,
    hedging,
    metrics,
    wakeRelay,
    reply,
    clock,
    log,
    queryTimeoutMs: 5_000,
    writer: createPaymentWriter({
      clock,
      log,
      wakeRelay,
      reply,
      hostBusyLimitMs: 30_000,
      lateMoneyOf: () => lateMoney,
      writesAtOnce: world.draws.fraction('writes at once') < 0.7,
    }),
    chooseRoute: createChooseRoute({ order, accounts, control, clock }),
    askProvider: createAskProvider({ hedging, metrics, clock, log, wakeRelay, createLimitMs, firstPollDelayMs: 3_000, pollSlots }),
    createLimitMs,
  };
  return createHandlers(lane.alter(deps));
}
