import { en } from './en.ts';
import { fillIn, texts } from './texts.ts';
import { whatToDo } from './what-to-do.ts';

describe('the texts of the console', () => {
  it('have the same values to fill in, in every language', () => {
    const valuesIn = (all: Record<string, string>) =>
      Object.entries(all).map(([key, text]) => [key, [...text.matchAll(/\{\w+\}/g)].map(String).sort()]);
    expect(valuesIn(texts.id).sort()).toEqual(valuesIn(en).sort());
  });

  it('say what the operators’ contract calls things in English', () => {
    const { signIn, logOut, payments, refunds, timeline, amount, reason } = en;
    expect([signIn, logOut, payments, refunds, timeline, amount, reason]).toEqual([
      'Sign in',
      'Log out',
      'Payments',
      'Refunds',
      'Timeline',
      'Amount',
      'Reason',
    ]);
  });

  it('keep a brace that has no value, and advise on every discrepancy', () => {
    expect(fillIn('{a} of {b}', { a: 1 })).toBe('1 of {b}');
    expect([whatToDo('overpaid', 'en'), whatToDo('overpaid', 'id'), whatToDo('unheard of', 'en')]).toEqual([
      expect.stringContaining('Give the rest back'),
      expect.stringContaining('Kembalikan kelebihannya'),
      '–',
    ]);
  });
});
