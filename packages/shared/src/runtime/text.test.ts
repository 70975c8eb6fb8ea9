import fc from 'fast-check';
import { cleanJson, cleanLine, cleanText, cutText } from './text.ts';

describe('text from outside', () => {
  it.each([
    ['da\u0000na', 'da na'],
    [' A-12\r\n', 'A-12'],
    ['\ud800', ''],
    ['Kopi 😀', 'Kopi 😀'],
  ])('%j is the line %j', (text, line) => {
    expect(cleanLine(text)).toBe(line);
  });

  it('keeps its line breaks where it is free text', () => {
    expect(cleanText('no ice\n\u0007less sugar\ud83d')).toBe('no ice\n less sugar');
  });

  it('is never cut inside a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, length) => {
        expect(cutText(text, length).isWellFormed()).toBe(true);
        expect(cutText(text, length).length).toBeLessThanOrEqual(length);
      }),
    );
  });
});

describe('a JSON value from outside', () => {
  it('is clean in every text and every name of a field, and otherwise unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(JSON.stringify(cleanJson(value))).not.toMatch(/\\u00[01]|\\ud[89a-f]/);
      }),
    );
    const value = { amount: 1, lines: [{ note: null, isPaid: true }] };
    expect(cleanJson(value)).toEqual(value);
  });

  it('gets no other prototype by the name of a field', () => {
    expect(Object.getPrototypeOf(cleanJson(JSON.parse('{"__proto__":{"isAdmin":true}}')))).toBe(Object.prototype);
  });
});
