import { createQrLinks } from './qr-link.ts';

const [oldKey, newKey] = ['a signing key of tests, long enough', 'another key of tests, long enough'];

describe('a link to the picture of a QR', () => {
  it('opens while its signing key is replaced, whichever of both keys the process signs with, and not with an unknown key', () => {
    const signedWith = (key: string) => new URL(createQrLinks('https://pay.example.id', [key]).svg('pay_1')).searchParams.get('sig');
    const first = createQrLinks('https://pay.example.id', [oldKey, newKey]);
    const second = createQrLinks('https://pay.example.id', [newKey, oldKey]);
    const isSigned = [first, second].flatMap((links) => [oldKey, newKey, 'a third'].map((key) => links.isSigned('pay_1', signedWith(key))));
    expect(isSigned).toEqual([true, true, false, true, true, false]);
    expect(first.isSigned('pay_2', signedWith(oldKey))).toBe(false);
    expect(second.svg('pay_1')).toContain(`sig=${signedWith(newKey)}`);
  });
});
