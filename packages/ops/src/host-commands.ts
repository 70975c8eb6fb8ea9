import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  type BrokenHost,
  checkHost,
  conform,
  dryRun,
  formatProblem,
  grantsOf,
  type HostFolder,
  loadHosts,
  readExpectations,
  readHostFolder,
  withGrantsOfTriggers,
} from '@gateway/shared/host';
import { createLogger, systemClock } from '@gateway/shared/runtime';
import { CannotDo } from './cannot-do.ts';
import type { Given } from './given.ts';
import { caseReport, checkReport, dryRunReport } from './host-report.ts';
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

const conformCommand: Command = {
  words: 'conform',
  takes: '<folder>',
  does: 'Tries a host out: the start-up check, then every case of tests/expect.yaml in its folder, on rows of tests/seed.sql. All in a transaction that is taken back, but use a copy of the database: rows stay locked meanwhile.',
  positionals: 1,
  options: {},
  run: async (given, env) => {
    const folder = readableFolder(path.resolve(given.word('the folder of the host')));
    const expectations = readExpectations(folder.path);
    if ('problems' in expectations) throw new CannotDo(expectations.problems.map(formatProblem).join('\n'));
    const url = urlOf(folder, env);
    const checked = await checkHost(folder, url, { tenant: expectations.cases[0]?.tenant ?? '' });
    if (!checked.ok) return { json: checked, text: checkReport(checked), trouble: [`${folder.id} would not serve`] };
    const cases = await conform(folder, expectations, url, { now: systemClock.now(), log });
    const failed = cases.filter(({ problems }) => problems.length > 0);
    return {
      json: { host: folder.id, ok: failed.length === 0, cases },
      text: [checkReport(checked), ...cases.map(caseReport), `${cases.length - failed.length} of ${cases.length} cases as expected`].join(
        '\n',
      ),
      trouble: failed.length > 0 ? [`${folder.id} does not do what its tests/expect.yaml expects`] : [],
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
  const { hosts, broken } = loadHosts(readSurroundings(env).hostsDir);
  const known = [...hosts, ...broken].map((host) => host.id);
  if (!known.includes(id)) throw new CannotDo(`there is no host ${id}; there are ${known.join(', ')}`);
  const folder = readable([...hosts, ...broken].find((host) => host.id === id) as HostFolder | BrokenHost);
  return { folder, url: urlOf(folder, env) };
}

function readableFolder(directory: string): HostFolder {
  if (!existsSync(directory)) throw new CannotDo(`there is no folder ${directory}`);
  return readable(readHostFolder(directory));
}

function readable(host: HostFolder | BrokenHost): HostFolder {
  if ('errors' in host) throw new CannotDo(host.errors.map(formatProblem).join('\n'));
  return host;
}

function urlOf({ id, database }: HostFolder, env: NodeJS.ProcessEnv): string {
  const url = readSurroundings(env).urls.hosts[database];
  if (!url) throw new CannotDo(`${id}/host.yaml names ${database}, which is not set`);
  return url;
}

export const hostCommands: readonly Command[] = [check, grants, conformCommand];
