import { checkHost, dryRun, formatProblem, grantsOf, loadHosts, withGrantsOfTriggers } from '@gateway/shared/host';
import { createLogger, systemClock } from '@gateway/shared/runtime';
import { CannotDo } from './cannot-do.ts';
import type { Given } from './given.ts';
import { checkReport, dryRunReport } from './host-report.ts';
import type { Command } from './program.ts';
import { readSurroundings } from './surroundings.ts';

const text = { type: 'string' } as const;
const log = createLogger('hosts', 'silent'); // what is wrong is in the report

const check: Command = {
  words: 'check',
  takes: '<id> [--order <id> --tenant <id>]',
  does: 'Compares the statements of a host with its database: each is parsed, described, compared with what it must return, and planned. With an order, shows what paying it would write, and takes it back.',
  positionals: 1,
  options: { order: text, tenant: text },
  run: async (given, env) => {
    const { folder, url } = hostOf(given.word('the id of the host'), env);
    const order = orderIn(given);
    const { ok, verdicts } = await checkHost(folder, url, order ? { tenant: order.tenant } : {});
    const report = checkReport({ host: folder.id, ok, verdicts });
    const json = { host: folder.id, ok, verdicts };
    if (!ok) return { json, text: report, trouble: [`${folder.id} would not serve`] };
    if (!order) return { json, text: report };
    const run = await dryRun(folder, url, { ...order, now: systemClock.now(), log });
    const pays = run.refusal === null && run.steps.every(({ asItShould }) => asItShould);
    return {
      json: { ...json, ok: pays, order: run },
      text: `${report}\n\n${dryRunReport(run, folder.money)}`,
      trouble: pays ? [] : [`this order would not be paid as it should`],
    };
  },
};

const grants: Command = {
  words: 'grants',
  takes: '<id> [--role <name>] [--order <id> --tenant <id>]',
  does: "Prints the least set of GRANTs that the statements of a host need. With an order also what its triggers need, seen in a run that is taken back: for that, connect as the tables' owner.",
  positionals: 1,
  options: { role: text, order: text, tenant: text },
  run: async (given, env) => {
    const { folder, url } = hostOf(given.word('the id of the host'), env);
    const role = `"${(given.maybe('role') ?? decodeURIComponent(new URL(url).username)).replaceAll('"', '""')}"`;
    const order = orderIn(given);
    const ofStatements = await grantsOf(folder, url, order ?? {});
    const run = order && (await dryRun(folder, url, { ...order, now: systemClock.now(), log }));
    const needed = run ? withGrantsOfTriggers(ofStatements, run) : ofStatements;
    return {
      json: needed.map(({ right, neededBy }) => ({ grant: `grant ${right} to ${role}`, needed_by: neededBy })),
      text: needed.map(({ right, neededBy }) => `grant ${right} to ${role};  -- ${neededBy.map(withoutHost).join(', ')}`).join('\n'),
      notes: run ? [] : ['what the triggers of the host need is seen only with --order and --tenant'],
      trouble: run?.refusal ? [`the order cannot be charged, so its triggers were not seen: ${run.refusal}`] : [],
    };
  },
};

const withoutHost = (file: string): string => file.slice(file.indexOf('/') + 1);

/** Both or neither: an order is somebody's. */
function orderIn(given: Given): { orderId: string; tenant: string } | null {
  const orderId = given.maybe('order');
  if (orderId === null && given.maybe('tenant') === null) return null;
  return { orderId: given.text('order'), tenant: given.text('tenant') };
}

function hostOf(id: string, env: NodeJS.ProcessEnv) {
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

export const hostCommands: readonly Command[] = [check, grants];
