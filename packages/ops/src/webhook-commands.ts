import { systemClock as clock } from '@gateway/shared/runtime';
import { recordAction, replayWebhooks } from '@gateway/shared/store';
import type { Command } from './program.ts';
import { timeOf } from './since.ts';
import { actor, inEveryDatabase, withControl } from './surroundings.ts';

const everyMs = 200; // five questions a second: what the strictest provider allows one account (providers.md)

const replay: Command = {
  words: 'webhooks replay',
  takes: '--since <time, or 30m, 2h, 3d>',
  does: `Has every webhook about us that came since then looked into again, five a second: after an outage, or a mistake that is mended. Nothing is
      believed or done twice by it: each asks the provider, as it did when it came.`,
  positionals: 0,
  options: { since: { type: 'string' } },
  run: async (given, env) => {
    const at = clock.now();
    const since = timeOf(given.text('since'), at);
    await withControl(env, ({ knex }) =>
      recordAction(knex, { actor: actor(), action: 'replay-webhooks', subject: `since ${since.toISOString()}`, at }),
    );
    const { found, trouble } = await inEveryDatabase(env, async (db) => [await replayWebhooks(db.pool, { since, at, everyMs })]);
    const count = found.reduce((sum, each) => sum + each, 0);
    const seconds = Math.ceil((Math.max(0, ...found) * everyMs) / 1_000);
    const text =
      count === 0 ? `No webhook about us came since ${since.toISOString()}.` : `${count} are looked into again, the last in ${seconds} s.`;
    return { json: { since, count }, text, trouble };
  },
};

export const webhookCommands: readonly Command[] = [replay];
