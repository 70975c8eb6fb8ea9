import { checkHost, type FileVerdict, formatProblem, loadHosts } from '@gateway/shared/host';
import { CannotDo } from './cannot-do.ts';
import type { Command } from './program.ts';
import { readSurroundings } from './surroundings.ts';

const check: Command = {
  words: 'check',
  takes: '<id>',
  does: 'Compares the statements of a host with its database: each is parsed, described, compared with what it must return, and planned. Nothing runs.',
  positionals: 1,
  options: {},
  run: async (given, env) => {
    const { folder, url } = hostOf(given.word('the id of the host'), env);
    const { ok, verdicts } = await checkHost(folder, url);
    const text = verdicts.map(verdictLine).join('\n');
    return { json: { host: folder.id, ok, verdicts }, text, trouble: ok ? [] : [`${folder.id} would not serve`] };
  },
};

function verdictLine({ file, problems, planned }: FileVerdict): string {
  if (problems.length > 0) return problems.map(formatProblem).join('\n');
  return `${file}: fits${planned ? '' : ' (not planned: that needs --tenant)'}`;
}

export function hostOf(id: string, env: NodeJS.ProcessEnv) {
  const { hostsDir, urls } = readSurroundings(env);
  const { hosts, broken } = loadHosts(hostsDir);
  const unreadable = broken.find((host) => host.id === id);
  if (unreadable) throw new CannotDo(unreadable.errors.map(formatProblem).join('\n'));
  const folder = hosts.find((host) => host.id === id);
  if (!folder) throw new CannotDo(`there is no host ${id}; there are ${[...hosts, ...broken].map((host) => host.id).join(', ')}`);
  const url = urls.hosts[folder.database];
  if (!url) throw new CannotDo(`${id}/host.yaml names ${folder.database}, which is not set`);
  return { folder, url };
}

export const hostCommands: readonly Command[] = [check];
