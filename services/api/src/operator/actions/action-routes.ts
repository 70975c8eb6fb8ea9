import { CommandError, runVerb, type Verb, type VerbResult, verbs } from '@gateway/operations';
import type { PoolShare } from '@gateway/shared/postgres';
import { roleIncludes } from '@gateway/shared/runtime';
import express, { type Request, type Router } from 'express';
import { Problem } from '../../http/problem.ts';
import { wordsOf } from '../layout/components.ts';
import type { Notices } from '../layout/notice.ts';
import { momentOf } from '../layout/time-zones.ts';
import type { View } from '../layout/view.ts';
import type { PageTools } from '../page-tools.ts';
import { requireRole } from '../sign-in/authenticate-operator.ts';
import { safeReturn } from '../sign-in/safe-return.ts';
import { actionPage, forPage, resultPage } from './action-page.ts';

const verbAt = (slug: string): Verb => {
  const found = verbs.find(({ words }) => words.replaceAll(' ', '-') === slug);
  if (!found) throw new Problem('not_found', `There is no action ${slug.slice(0, 40)}.`);
  return found;
};

const atOnce = { patienceMs: 5_000, maxWaiting: 20 };
const kindsWithSecret = ['keys create', 'keys rotate', 'keys operator'];

/** Every verb of the command line as a page: its form, and what it answered. */
export function actionRoutes(tools: PageTools, notices: Notices, share: PoolShare): Router {
  const { operations, controlDb, control, links, log } = tools;
  const router = express.Router();

  router.get(
    '/actions/:slug',
    tools.page(async (view, req) => {
      const verb = verbAt(String(req.params.slug));
      const input = queryOf(req);
      const isComplete = Object.entries(verb.fields).every(([name, { isRequired }]) => !isRequired || input[name]);
      if (verb.changes !== null || !isComplete || verb.words === 'keys operator') return actionPage(view, verb, { input, message: null });
      const outcome = await refusalOf(run(view, verb, input));
      return outcome instanceof CommandError
        ? actionPage(view, verb, { input, message: forPage(view, verb, outcome.words) })
        : resultPage(view, verb, outcome);
    }),
  );

  router.post('/actions/:slug', async (req, res) => {
    const verb = verbAt(String(req.params.slug));
    requireRole(res, verb.role);
    const view = tools.viewOf(req, res);
    const { csrf: _, back, ...input } = bodyOf(req);
    const outcome = await refusalOf(share(controlDb.pool, () => run(view, verb, input), atOnce));
    if (outcome instanceof CommandError) {
      const message = forPage(view, verb, outcome.words);
      return void res
        .status(422)
        .type('html')
        .send(actionPage(view, verb, { input: withoutSecrets(verb, input), message }));
    }
    log.warn({ operation: verb.words, reason: `operator ${view.operator.name}`, outcome: 'done' }, 'operator action');
    await control.refresh(); // the page that follows shows the change; other processes see it within 2 s
    const text = outcome.content.map((part) => ('rows' in part ? '' : wordsOf(view, part))).join('\n\n');
    const isOneLine = !outcome.next && text.length < 300 && !text.includes('\n\n') && !outcome.content.some((part) => 'rows' in part);
    if (!back || !isOneLine || kindsWithSecret.includes(verb.words)) return void res.type('html').send(resultPage(view, verb, outcome));
    const remarks = [...(outcome.notes ?? []), ...(outcome.errors ?? [])];
    const all = [text, ...remarks.map((words) => forPage(view, verb, words))];
    notices.leave(res, { text: all.join(' '), state: outcome.errors?.length ? 'bad' : 'good' });
    res.redirect(303, links.href(safeReturn(back)));
  });

  const run = (view: View, verb: Verb, input: Record<string, unknown>): Promise<VerbResult> => {
    if (!roleIncludes(view.operator.role, verb.role)) throw new Problem('forbidden', `This needs the role ${verb.role}.`);
    return runVerb(verb, operations, withMoments(view, verb, input), {
      actor: view.operator.name,
      role: view.operator.role,
      surface: 'page',
    });
  };
  return router;
}

/** What a verb answers, or why it did nothing. */
const refusalOf = <Outcome>(work: Promise<Outcome>): Promise<Outcome | CommandError> =>
  work.catch((error: unknown) => {
    if (error instanceof CommandError) return error;
    throw error;
  });

/** A field of a form has a time as clocks show it. What is no such time is left to the verb. */
const withMoments = ({ timeZone }: View, { fields }: Verb, input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      const at = fields[name]?.kind === 'time' ? momentOf(String(value), timeZone) : null;
      return [name, at?.toISOString() ?? value];
    }),
  );

const bodyOf = (req: Request): Record<string, string> => stringsIn(req.body);
const queryOf = (req: Request): Record<string, string> => stringsIn(req.query);

const stringsIn = (values: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((values ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );

/** A form that is shown again after a mistake has everything but the secrets. */
const withoutSecrets = ({ fields }: Verb, input: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(input).filter(([name]) => fields[name]?.kind !== 'secret'));
