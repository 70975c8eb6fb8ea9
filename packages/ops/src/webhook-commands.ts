import { systemClock as clock } from '@gateway/shared/runtime';
import { recordAction, replayWebhook, replayWebhooks } from '@gateway/shared/store';
import { CannotDo, WrongUsage } from './cannot-do.ts';
import type { Answer, Command } from './program.ts';
import { rowNamed } from './row-name.ts';
import { timeOf } from './since.ts';
import { actor, inEveryDatabase, withControl } from './surroundings.ts';

const everyMs = 200; // five questions a second: what the strictest provider allows one account (providers.md)

const replay: Command = {
  words: 'webhooks replay',
  takes: '<id> | --since <time, or 30m, 2h, 3d>',
  does: `Has one webhook about us looked into again, as parked list names it, or every one that came since then, five a second: after an outage, or
      a mistake that is mended. Nothing is believed or done twice by it: each asks the provider, as it did when it came.`,
  positionals: 1,
  options: { since: { type: 'string' } },
  run: (given, env) => {
    const name = given.maybeWord();
    if (name !== null && given.maybe('since') !== null) throw new WrongUsage('one webhook, or all since a time: not both');
    return name === null ? replaySince(given.text('since'), env) : replayOne(name, env);
  },
};

async function replaySince(text: string, env: NodeJS.ProcessEnv): Promise<Answer> {
  const at = clock.now();
  const since = timeOf(text, at);
  await record(env, `since ${since.toISOString()}`, at);
  const { found, trouble } = await inEveryDatabase(env, async (db) => [await replayWebhooks(db.pool, { since, at, everyMs })]);
  const count = found.reduce((sum, each) => sum + each, 0);
  const seconds = Math.ceil((Math.max(0, ...found) * everyMs) / 1_000);
  const said =
    count === 0 ? `No webhook about us came since ${since.toISOString()}.` : `${count} are looked into again, the last in ${seconds} s.`;
  return { json: { since, count }, text: said, trouble };
}

async function replayOne(name: string, env: NodeJS.ProcessEnv): Promise<Answer> {
  const at = clock.now();
  const row = rowNamed(name, 'a webhook');
  await record(env, name, at);
  const { found, trouble } = await inEveryDatabase(env, async (db) => [await replayWebhook(db.pool, { ...row, at })]);
  const reference = found.find((each) => each !== null);
  if (!reference)
    throw new CannotDo([`no webhook ${name} about us is kept; parked list shows those that were given up`, ...trouble].join('. '));
  return { json: { id: name, reference }, text: `${name} (${reference}) is looked into again now.` };
}

const record = (env: NodeJS.ProcessEnv, subject: string, at: Date) =>
  withControl(env, ({ knex }) => recordAction(knex, { actor: actor(), action: 'replay-webhooks', subject, at }));

export const webhookCommands: readonly Command[] = [replay];
