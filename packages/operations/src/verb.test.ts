import { systemClock as clock } from '@gateway/shared/runtime';
import type { OperationsContext } from './operations-context.ts';
import { runVerb, type Verb } from './verb.ts';
import { verbOf, verbs } from './verbs/index.ts';

const unused = () => {
  throw new Error('the verb used its context');
};
const context: OperationsContext = {
  clock,
  withControl: unused,
  inEveryDatabase: unused,
  inEveryDatabaseAndControl: unused,
  withHosts: unused,
  hostIds: unused,
  accounts: unused,
  redisUrl: unused,
  refundApprovalFrom: unused,
  simulatorUrl: unused,
  confirm: unused,
};
const onPage = (role: 'viewer' | 'operator' | 'approver' | 'admin') => ({ actor: 'budi', role, surface: 'page' }) as const;
const run = (verb: Verb, input: object, role: Parameters<typeof onPage>[0]) => runVerb(verb, context, { ...input }, onPage(role));

describe('a verb', () => {
  it('has words of its own, and texts in both languages', () => {
    expect(new Set(verbs.map(({ words }) => words)).size).toBe(verbs.length);
    for (const { words, title, description, fields } of verbs)
      for (const text of [title, description, ...Object.values(fields).map(({ label }) => label)])
        expect([words, text.en.length > 0, text.id.length > 0]).toEqual([words, true, true]);
  });

  it('that changes something needs a role above viewer, and asks for a reason on a page', async () => {
    for (const verb of verbs.filter(({ changes }) => changes !== null)) {
      await expect(run(verb, {}, 'viewer')).rejects.toThrow(`${verb.words} needs the role`);
      expect([verb.words, verb.reason]).not.toEqual([verb.words, 'none']);
    }
    await expect(run(verbOf('release'), { provider: 'midtrans' }, 'operator')).rejects.toThrow('--reason is missing');
    await expect(run(verbOf('keys revoke'), { id: 'cli_1', reason: 'lost' }, 'approver')).rejects.toThrow('needs the role admin');
  });

  it.each<[string, string, object, string]>([
    ['a missing field', 'discrepancies close', {}, 'the id, as discrepancies list shows it is missing'],
    ['an invalid id', 'discrepancies close', { id: 'pos_12' }, 'invalid discrepancy id "pos_12"'],
    ['a value that is not one of the choices', 'stores set', { store: 'JKT-01', 'late-money': 'keep' }, '--late-money must be one of'],
    ['a provider that does not exist', 'hold', { provider: 'doku' }, 'unknown provider doku'],
    ['a long reason', 'hold', { provider: 'midtrans', reason: 'x'.repeat(501) }, '--reason has at most 500 characters'],
  ])('is refused before it does anything for %s', async (_, words, input, message) => {
    await expect(run(verbOf(words), { reason: 'outage', ...input }, 'admin')).rejects.toThrow(message);
  });
});
