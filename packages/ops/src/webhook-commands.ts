import { systemClock as clock } from '@gateway/shared/runtime';
import { recordAction, replayWebhooks } from '@gateway/shared/store';
import { WrongUsage } from './cannot-do.ts';
import type { Command } from './program.ts';
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

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOf(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = unit ? new Date(now.getTime() - Number(count) * (units[unit] ?? 0)) : new Date(isTime ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new WrongUsage(`--since must be a time such as 2026-03-02T10:00+07:00, a date (UTC), or how long ago: 30m, 2h, 3d`);
  if (time > now) throw new WrongUsage('--since must not be in the future');
  return time;
}

export const webhookCommands: readonly Command[] = [replay];
