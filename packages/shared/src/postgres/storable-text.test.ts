import { replaceUnstorable } from './storable-text.ts';

describe('a text for a database', () => {
  it.each([
    ['LATIN1', 'Café € ✓', 'Café ? ?'],
    ['WIN1252', 'Café € ✓', 'Café € ?'],
    ['LATIN2', 'Żółw é ñ', 'Żółw é ?'],
    ['WIN1251', 'Чай é 😀', 'Чай ? ?'],
  ])('in %s keeps the characters that it has, and the others become a question mark', (encoding, text, stored) => {
    expect(replaceUnstorable(encoding)?.(text)).toBe(stored);
  });

  it.each(['UTF8', 'SQL_ASCII', 'EUC_JP'])('in %s is not looked at', (encoding) => {
    expect(replaceUnstorable(encoding)).toBeNull();
  });
});
