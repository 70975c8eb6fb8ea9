import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Command } from '../cli.ts';
import { terminalUsageError } from '../terminal-error.ts';
import { type FollowedEvent, followEvents } from './follow-events.ts';
import { type Gateway, readGateway } from './gateway.ts';

const findStoresMs = 2_000;
const forwardTries = 10; // a second between two: a server that is being restarted misses nothing

/** The secret that `listen` signs with: the same at every start, so that it can stay in a developer's settings. */
const secretOf = (key: string): string => `whsec_${createHmac('sha256', key).update('npm run listen').digest('base64')}`;

interface Listening {
  gateway: Gateway;
  forwardTo: string;
  types: readonly string[] | null;
  webhook: Webhook;
  signal: AbortSignal;
  print: (line: string) => void;
}

/** @param print writes one line @param signal ends the command */
export const listenCommand = (print: (line: string) => void, signal: AbortSignal): Command => ({
  words: '',
  usage: '--forward-to <url> [--store <id> …] [--events <type> …] [--print-secret]',
  description: 'Forwards the events of a key to your own machine, signed, until it is ended. --print-secret alone prints the secret.',
  positionals: 0,
  options: {
    'forward-to': { type: 'string' },
    store: { type: 'string', multiple: true },
    events: { type: 'string', multiple: true },
    'print-secret': { type: 'boolean' },
  },
  run: async (args, env) => {
    const gateway = readGateway(env);
    const secret = secretOf(gateway.key);
    const forwardTo = args.optionalOption('forward-to');
    if (args.flag('print-secret') && !forwardTo) return { json: { secret }, text: secret };
    if (!forwardTo || !URL.canParse(forwardTo)) throw terminalUsageError('--forward-to must be a URL, such as http://localhost:8000/hook');
    if (args.flag('print-secret')) print(secret);
    const listening = { gateway, forwardTo, types: args.list('events'), webhook: new Webhook(secret), signal, print };
    await listen(listening, args.list('store'));
    return { json: { ended: true }, text: 'Ended.' };
  },
});

/** Follows these stores; null: all stores of the key, also those that get their first payment later. */
async function listen(listening: Listening, stores: string[] | null): Promise<void> {
  const { signal, print, gateway, forwardTo } = listening;
  const following = new Map<string, Promise<void>>();
  const follow = (storeId: string, after: number) => {
    if (!following.has(storeId)) following.set(storeId, followStore(listening, storeId, after));
  };
  for (const storeId of stores ?? (await storesOfKey(gateway))) follow(storeId, await lastSeq(gateway, storeId));
  print(`Forwarding events of ${[...following.keys()].join(', ') || 'no store yet'} from ${gateway.url} to ${forwardTo}.`);
  while (!signal.aborted) {
    await delay(findStoresMs, undefined, { signal }).catch(() => {});
    if (stores || signal.aborted) continue;
    for (const storeId of await storesOfKey(gateway).catch(() => [])) follow(storeId, 0); // a store without an event before now
  }
  await Promise.all(following.values());
}

/** The stores of the newest payments of the key. */
async function storesOfKey(gateway: Gateway): Promise<string[]> {
  const { payments } = await gateway.json<{ payments: { store_id: string }[] }>('/transaction/payments?limit=200');
  return [...new Set(payments.map(({ store_id }) => store_id))];
}

const lastSeq = async (gateway: Gateway, storeId: string): Promise<number> =>
  (await gateway.json<{ seq: number }>(`/stores/${encodeURIComponent(storeId)}/snapshot`)).seq;

function followStore(listening: Listening, storeId: string, after: number): Promise<void> {
  const { gateway, types, signal, print } = listening;
  return followEvents(gateway, {
    storeId,
    after,
    signal,
    onEvent: async (followed) => {
      const isChosen = !types || types.includes('*') || types.includes(followed.event.type);
      if (isChosen) print(lineOf(followed, await forward(listening, followed)));
    },
    onLost: (reason) => print(`${storeId}: ${reason}; trying again, no event will be missed.`),
  });
}

/** @returns the answer of the developer's server, in words */
async function forward({ forwardTo, webhook, signal }: Listening, { body, event }: FollowedEvent): Promise<string> {
  for (let tries = 1; ; tries++) {
    const now = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': event.event_id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': webhook.sign(event.event_id, now, body),
    };
    try {
      const answer = await fetch(forwardTo, { method: 'POST', headers, body, redirect: 'manual', signal });
      await answer.body?.cancel();
      return String(answer.status);
    } catch {
      if (signal.aborted || tries === forwardTries) return 'no answer';
      await delay(1_000, undefined, { signal }).catch(() => {});
    }
  }
}

const lineOf = ({ seq, event }: FollowedEvent, answer: string): string =>
  `${event.occurred_at}  ${event.store_id} #${seq}  ${event.type}  ${event.order_number ?? ''}  ${event.event_id}  → ${answer}`;
