import { migrate } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import { databasesByUrl, readContext, reasonOf } from '../context.ts';

export const migrateAll: Command = {
  words: '',
  usage: '',
  description:
    'Brings the schema gateway of every database up to date. Forward only; safe while the services run, and when run twice at once.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const { urls } = readContext(env);
    const databases = databasesByUrl(urls);
    databases.set(urls.control, databases.get(urls.control) ?? ['CONTROL_DATABASE_URL']);
    const json: { databases: string[]; ran?: string[]; failed?: string }[] = [];
    // One database after the other, so that a faulty migration fails in one database before it runs in all.
    for (const [url, names] of databases) {
      try {
        json.push({ databases: names, ran: await migrate(url) });
      } catch (error) {
        json.push({ databases: names, failed: reasonOf(error) });
      }
    }
    const done = json.flatMap(({ databases: names, ran }) => (ran ? [`${names.join(', ')}: ${ran.join(', ') || 'nothing to do'}`] : []));
    const errors = json.flatMap(({ databases: names, failed }) => (failed ? [`${names.join(', ')}: ${failed}`] : []));
    return { json, text: done.join('\n'), errors };
  },
};
