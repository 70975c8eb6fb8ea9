import { systemClock as clock } from '@gateway/shared/runtime';
import { auditLog, replay } from '@gateway/shared/store';
import type { Command, CommandResult } from '../cli.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { actor, inEveryDatabase, withControl } from '../context.ts';
import { parseRowId } from '../row-id.ts';
import { timeOf } from '../since.ts';

const everyMs = 200; // five calls a second: the call limit of one account (docs/providers.md)

const replayCommand: Command = {
  words: 'webhooks replay',
  usage: '<id> | --since <time, or 30m, 2h, 3d>',
  description: `Replays one webhook, by its id in parked list, or every webhook received since then, five a second: after an outage, or
      after a mistake was corrected. Nothing is applied twice: each replay asks the provider, as the first processing did.`,
  positionals: 1,
  options: { since: { type: 'string' } },
  run: (args, env) => {
    const name = args.optionalPositional();
    if (name !== null && args.optionalOption('since') !== null) throw new UsageError('one webhook, or all since a time: not both');
    return name === null ? replaySince(args.option('since'), env) : replayOne(name, env);
  },
};

async function replaySince(text: string, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const at = clock.now();
  const since = timeOf(text, at);
  await record(env, `since ${since.toISOString()}`, at);
  const { rows, errors, notes } = await inEveryDatabase(env, async (db) => [await replay.since(db.pool, { since, at, everyMs })]);
  const count = rows.reduce((sum, each) => sum + each, 0);
  const seconds = Math.ceil((Math.max(0, ...rows) * everyMs) / 1_000);
  const message =
    count === 0
      ? `No webhook for this gateway was received since ${since.toISOString()}.`
      : `${count} webhooks queued for replay, the last one in ${seconds} s.`;
  return { json: { since, count }, text: message, errors, notes };
}

async function replayOne(name: string, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const at = clock.now();
  const row = parseRowId(name, 'webhook');
  await record(env, name, at);
  const { rows, errors, notes } = await inEveryDatabase(env, async (db) => [await replay.one(db.pool, { ...row, at })]);
  const reference = rows.find((each) => each !== null);
  if (!reference) throw new CommandError([`unknown webhook ${name}; parked list shows the parked ones`, ...errors, ...notes].join('. '));
  return { json: { id: name, reference }, text: `${name} (${reference}) queued for replay.`, notes };
}

const record = (env: NodeJS.ProcessEnv, subject: string, at: Date) =>
  withControl(env, ({ knex }) => auditLog.record(knex, { actor: actor(env), action: 'replay-webhooks', subject, at }));

export const webhookCommands: readonly Command[] = [replayCommand];
