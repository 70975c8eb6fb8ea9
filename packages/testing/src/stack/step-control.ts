import diagnostics from 'node:diagnostics_channel';
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';

export type FailureKind = 'exit' | 'SIGKILL' | 'SIGSTOP';

/** What the test writes into the file `plan.json` of the folder: the next process of this program that comes to the step fails there, once. */
export interface FailurePlan {
  program: string;
  step: string;
  failure: FailureKind;
}

/** The file that a process moves the plan to before it fails, so that it fails once. Its content is the plan and the process id. */
export const planFile = 'plan.json';
export const takenPlanFile = 'plan-taken.json';
/** Each line: the program, a tab, a step that it came to. */
export const stepsFile = 'steps.tsv';

/**
 * Runs in a process of the product, before its program: what the process does to the outside is a step with a name. That is each statement
 * in PostgreSQL, each command in Redis that is not a read of our own, and each call to a provider, before it is sent and after its answer.
 * The steps are written to a file, and a planned failure happens before the step is done.
 */
export function controlSteps(program: string, dir: string): void {
  const seen = new Set<string>();
  const plan = path.join(dir, planFile);

  const comeTo = (step: string): void => {
    if (!seen.has(step)) {
      seen.add(step);
      appendFileSync(path.join(dir, stepsFile), `${program}\t${step}\n`);
    }
    if (!existsSync(plan)) return;
    const planned = readPlan(plan);
    if (planned?.program !== program || planned.step !== step) return;
    try {
      renameSync(plan, path.join(dir, `${takenPlanFile}`));
    } catch {
      return; // another process of this program was first
    }
    appendFileSync(path.join(dir, takenPlanFile), `\n${process.pid}`);
    if (planned.failure === 'exit') process.exit(1);
    process.kill(process.pid, planned.failure);
  };

  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const step = statementOf(args[0] as pg.QueryConfig | string);
    if (step) comeTo(step);
    return Reflect.apply(query, this, args);
  } as typeof pg.Client.prototype.query;

  const sendCommand = Redis.prototype.sendCommand as (...args: unknown[]) => unknown;
  Redis.prototype.sendCommand = function (this: Redis, ...args: unknown[]) {
    const step = commandOf(this, args[0] as { name: string; args: unknown[] });
    if (step) comeTo(step);
    return Reflect.apply(sendCommand, this, args);
  } as typeof Redis.prototype.sendCommand;

  const route = (message: unknown) => {
    const { request } = message as { request: { method: string; path: string } };
    return `${request.method} ${request.path.replace(/\?.*/, '').replace(/[^/]*\d[^/]*(?=\/|$)/g, (part) => (/^v\d+$/.test(part) ? part : '{id}'))}`;
  };
  diagnostics.subscribe('undici:client:sendHeaders', (message) => comeTo(`${route(message)}: send`));
  diagnostics.subscribe('undici:request:trailers', (message) => comeTo(`${route(message)}: answered`));
}

function readPlan(file: string): FailurePlan | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as FailurePlan;
  } catch {
    return null; // taken, or being written
  }
}

/** `host:pos:order:1f…:0` becomes `pos/order.sql`; a composed statement has its name without the hash. Null: a query of Knex, or a setting. */
function statementOf(query: pg.QueryConfig | string): string | null {
  const { name, text } = typeof query === 'string' ? ({ text: query } as pg.QueryConfig) : query;
  const [, host, statement] = /^host:([a-z0-9]+):([a-z]+):/.exec(name ?? '') ?? [];
  if (statement) return `${host}/${statement}.sql`;
  if (name) return name.replace(/:[0-9a-f]{12}$| [0-9a-f-]{36}$/, '');
  const [, ends] = /^\s*(begin|commit|rollback)\b/i.exec(text ?? '') ?? [];
  if (ends) return ends.toLowerCase();
  return (
    /^\s*(insert into|update|delete from) "?[a-z]+"?\."?[a-z_]+"?/i
      .exec(text ?? '')?.[0]
      .replaceAll('"', '')
      .toLowerCase() ?? null
  );
}

/** A script of BullMQ has the name of its command. Null: a command that changes nothing outside, or one of the connection itself. */
function commandOf(client: Redis, { name, args }: { name: string; args: unknown[] }): string | null {
  const key = (at: number) =>
    String(args[at])
      .replace(/:[0-9a-z-]{8,}$|:\d+$/i, ':{id}')
      .replace(/(gateway:reply:).*/, '$1{api}')
      .replace(/(gateway:poll-slots:).*/, '$1{account}');
  if (name === 'publish') return `publish ${key(0)}`;
  if (name !== 'evalsha') return null;
  const scripts = (client as unknown as { scriptsSet?: Record<string, { sha: string }> }).scriptsSet ?? {};
  const script = Object.keys(scripts).find((known) => scripts[known]?.sha === args[0]) ?? 'script';
  return `${script.replace(/:.*/, '')} ${key(2)}`;
}
