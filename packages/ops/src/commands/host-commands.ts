import { existsSync } from 'node:fs';
import path from 'node:path';
import { conform, dryRun, grantsOf, proveGrants, readExpectations } from '@gateway/host-kit';
import {
  checkBook,
  checkHost,
  databaseUrlOf,
  formatProblem,
  type HostFolder,
  type InvalidHost,
  readHostFolder,
  whyAlone,
} from '@gateway/shared/host';
import { createLogger, serverUrl, systemClock } from '@gateway/shared/runtime';
import type { Command } from '../cli.ts';
import type { CommandArgs } from '../command-args.ts';
import { hostFolders, type OpsContext, readContext } from '../context.ts';
import { caseReport, checkReport, dryRunReport } from '../host-report.ts';
import { terminalError } from '../terminal-error.ts';

const text = { type: 'string' } as const;
const log = createLogger('hosts', 'silent'); // the report shows all problems

const hostDescription = 'the id of the host, or its folder,';

const check: Command = {
  words: 'check',
  usage: '<id or folder> [--order <id> --tenant <id>]',
  description:
    'Compares the statements of a host with its database: each is parsed, described, compared with what it must return, and planned. With an order, shows what paying it would write, and rolls it back.',
  positionals: 1,
  options: { order: text, tenant: text },
  run: async (args, env) => {
    const { folder, url } = hostOf(args.positional(hostDescription), env);
    const order = orderIn(args);
    const checked = await checkHost(folder, url, order ? { tenant: order.tenant } : {});
    const book = checked.ok ? await checkBook(folder, url) : null;
    const verdicts = [...checked.verdicts, ...(book ? [book] : [])];
    const ok = verdicts.every(({ problems }) => problems.length === 0);
    const report = checkReport({ host: folder.id, ok, verdicts });
    const json = { host: folder.id, ok, verdicts };
    if (!ok) return { json, text: report, errors: [`host ${folder.id} is not valid`] };
    const notes = [...whyAlone(folder).values()];
    if (!order) return { json, text: report, notes };
    const run = await dryRun(folder, url, { ...order, now: systemClock.now(), log });
    const isPaidCorrectly = run.refusal === null && run.steps.every(({ asItShould }) => asItShould);
    return {
      json: { ...json, ok: isPaidCorrectly, order: run },
      text: `${report}\n\n${dryRunReport(run, folder.money)}`,
      notes,
      errors: isPaidCorrectly ? [] : ['the order would not be paid correctly'],
    };
  },
};

const grants: Command = {
  words: 'grants',
  usage: '<id or folder> [--role <name>] [--order <id> --tenant <id>]',
  description:
    'Prints the least set of GRANTs that the statements of a host need. With an order also what its functions and triggers need, proven by a run of all writes under a role that has these grants only. It is rolled back. For that, connect as a user who may create a role and grant these rights.',
  positionals: 1,
  options: { role: text, order: text, tenant: text },
  run: async (args, env) => {
    const { folder, url } = hostOf(args.positional(hostDescription), env);
    const role = `"${(args.optionalOption('role') ?? decodeURIComponent(serverUrl(url).username)).replaceAll('"', '""')}"`;
    const order = orderIn(args);
    const ofStatements = await grantsOf(folder, url, order ?? {});
    const proof = order && (await proveGrants(folder, url, ofStatements, { ...order, now: systemClock.now(), log }));
    const needed = proof?.grants ?? ofStatements;
    return {
      json: needed.map(({ right, neededBy }) => ({ grant: `grant ${right} to ${role}`, needed_by: neededBy })),
      text: needed.map(({ right, neededBy }) => `grant ${right} to ${role};  -- ${neededBy.map(withoutHost).join(', ')}`).join('\n'),
      notes: proof ? [] : ['grants for functions and triggers are found only with --order and --tenant'],
      errors: (proof?.gaps ?? []).map((gap) => `not proven: ${gap}`),
    };
  },
};

const conformCommand: Command = {
  words: 'conform',
  usage: '<id or folder> [--role <name>]',
  description:
    'Tests a host: the start-up check, then every case of tests/expect.yaml in its folder, on rows of tests/seed.sql. All in a transaction that is rolled back, but use a copy of the database: rows stay locked during the run. With a role, the statements run as that role, and only seed.sql, sql and query as the user of the URL.',
  positionals: 1,
  options: { role: text },
  run: async (args, env) => {
    const { folder, url } = hostOf(args.positional(hostDescription), env);
    const role = args.optionalOption('role');
    const expectations = readExpectations(folder.path);
    if ('problems' in expectations) throw terminalError(expectations.problems.map(formatProblem).join('\n'));
    const checked = await checkHost(folder, url, { tenant: expectations.cases[0]?.tenant ?? '' });
    if (!checked.ok) return { json: checked, text: checkReport(checked), errors: [`host ${folder.id} is not valid`] };
    const cases = await conform(folder, expectations, url, { now: systemClock.now(), log, role });
    const failed = cases.filter(({ problems }) => problems.length > 0);
    return {
      json: { host: folder.id, ok: failed.length === 0, cases },
      text: [checkReport(checked), ...cases.map(caseReport), `${cases.length - failed.length} of ${cases.length} cases as expected`].join(
        '\n',
      ),
      errors: failed.length > 0 ? [`${folder.id} does not do what its tests/expect.yaml expects`] : [],
    };
  },
};

const withoutHost = (file: string): string => file.slice(file.indexOf('/') + 1);

/** The order of `--order` and `--tenant`; null without both. @throws UsageError when only one is given */
function orderIn(args: CommandArgs): { orderId: string; tenant: string } | null {
  const orderId = args.optionalOption('order');
  if (orderId === null && args.optionalOption('tenant') === null) return null;
  return { orderId: args.option('order'), tenant: args.option('tenant') };
}

/** Accepts the id of a host, or the path of its folder. */
function hostOf(idOrFolder: string, env: NodeJS.ProcessEnv) {
  const context = readContext(env);
  const folder = readable(findHost(idOrFolder, context));
  return { folder, url: urlOf(folder, context) };
}

function findHost(idOrFolder: string, context: OpsContext): HostFolder | InvalidHost {
  const { hosts, invalid } = hostFolders(context);
  const all = [...hosts, ...invalid];
  const found = all.find((host) => host.id === idOrFolder);
  if (found) return found;
  const directory = path.resolve(idOrFolder);
  if (existsSync(directory)) return readHostFolder(directory, context);
  throw terminalError(`unknown host ${idOrFolder}; known hosts: ${all.map(({ id }) => id).join(', ')}; or give the path of a folder`);
}

function readable(host: HostFolder | InvalidHost): HostFolder {
  if ('errors' in host) throw terminalError(host.errors.map(formatProblem).join('\n'));
  return host;
}

function urlOf(folder: HostFolder, { urls }: OpsContext): string {
  const url = databaseUrlOf(folder, urls.hosts);
  if (!url) throw terminalError(`${folder.id}/host.yaml names ${folder.database}, which is not set`);
  return url;
}

export const hostCommands: readonly Command[] = [check, grants, conformCommand];
