import type { EventType } from '@gateway/display-client';
import { en, type Texts } from './text/en.ts';
import { texts } from './text/texts.ts';

type KeyWithDot = Extract<keyof Texts, `${string}.${string}`>;

describe('the texts of the pages', () => {
  it('have the same values to fill in, in every language', () => {
    const valuesIn = (all: Texts) => Object.entries(all).map(([key, text]) => [key, [...text.matchAll(/\{\w+\}/g)].map(String).sort()]);
    expect(valuesIn(texts.id).sort()).toEqual(valuesIn(en).sort());
  });

  it('have no key with a dot that is no event type', () => {
    const isEventType: KeyWithDot extends EventType ? true : false = true; // the compiler refuses false
    expect(isEventType).toBe(true);
  });
});
