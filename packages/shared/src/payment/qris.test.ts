import fc from 'fast-check';
import { checkQris, crc16, parseQris } from './qris.ts';
import { rupiah } from './rupiah.ts';

/** Public: Midtrans POS guide. Its amount comes after the postal code. */
const gopay =
  '00020101021226620014COM.GO-JEK.WWW011993600914349052630340210G4905263030303UKE51440014ID.CO.QRIS.WWW0215AID0607336128660303UKE5204341453033605802ID5904Test6007BANDUNG6105402845409789000.0062475036c032f87c-f773-4619-aefa-675e1f06f9210703A016304A623';
/** Invented, in the shape of Midtrans' and Xendit's answers. */
const midtrans =
  '00020101021226620014COM.GO-JEK.WWW011993600999000000000100210G0000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581253033605802ID5911Toko Contoh6007JAKARTA6105121905409150000.00624750367b0f3f5e-5d6a-4c1b-9e1f-0a2b3c4d5e6f0703A0163048EA2';
const xendit =
  '00020101021226650013CO.XENDIT.WWW01189360099900000000080215XND0000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000020303UMI52045812530336054061500005802ID5911Toko Contoh6007JAKARTA61051219062290518ORD-2026-000123-x10703A0163044565';
const staticQr =
  '00020101021126650013CO.XENDIT.WWW01189360099900000000080215XND0000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000020303UMI5204581253033605802ID5911Toko Contoh6007JAKARTA61051219062070703A0163044493';

const live = { amount: rupiah(150_000), mode: 'live' } as const;
const test = { amount: rupiah(150_000), mode: 'test' } as const;

/** A text with a right checksum from tags and values. */
function qrisOf(fields: readonly (readonly [tag: string, value: string])[]): string {
  const body = fields.map(([tag, value]) => tag + String(Buffer.byteLength(value)).padStart(2, '0') + value).join('');
  return crcOver(`${body}6304`);
}

const crcOver = (body: string) => body + crc16(Buffer.from(body));

const good = [
  ['00', '01'],
  ['01', '12'],
  ['52', '5812'],
  ['53', '360'],
  ['54', '150000'],
  ['58', 'ID'],
  ['59', 'Toko Contoh'],
  ['60', 'JAKARTA'],
] as const;

const withField = (tag: string, value: string) => qrisOf([...good.filter(([other]) => other !== tag), [tag, value]]);
const without = (tag: string) => qrisOf(good.filter(([other]) => other !== tag));

describe('the checksum', () => {
  it('is CRC-16/CCITT-FALSE', () => {
    expect(crc16(Buffer.from('123456789'))).toBe('29B1');
    expect(crc16(Buffer.from(''))).toBe('FFFF');
  });
});

describe('parseQris', () => {
  it.each([
    ['the public sample', gopay, { isDynamic: true, merchantName: 'Test', merchantCity: 'BANDUNG', amount: 789_000 }],
    ['Midtrans', midtrans, { isDynamic: true, merchantName: 'Toko Contoh', merchantCity: 'JAKARTA', amount: 150_000 }],
    ['Xendit', xendit, { isDynamic: true, merchantName: 'Toko Contoh', merchantCity: 'JAKARTA', amount: 150_000 }],
    ['a static one', staticQr, { isDynamic: false, merchantName: 'Toko Contoh', merchantCity: 'JAKARTA', amount: null }],
  ])('%s', (_, text, expected) => {
    const qris = parseQris(text);
    expect(qris).toMatchObject({ ...expected, tip: null });
    expect(qris?.crc.stated).toBe(qris?.crc.computed);
  });

  it('counts bytes, not characters', () => {
    expect(parseQris(withField('59', 'Kafé Ñandú 麺'))?.merchantName).toBe('Kafé Ñandú 麺');
    const inCharacters = withField('59', 'Kafé').replace('5905Kafé', '5904Kafé');
    expect(parseQris(inCharacters)).toBeNull();
  });

  it('reports tips', () => {
    expect(parseQris(withField('55', '01'))?.tip).toEqual({ indicator: '01', fixed: null, percent: null });
    expect(parseQris(qrisOf([...good, ['55', '02'], ['56', '2000']]))?.tip).toEqual({ indicator: '02', fixed: '2000', percent: null });
    expect(parseQris(qrisOf([...good, ['55', '03'], ['57', '5.5']]))?.tip).toEqual({ indicator: '03', fixed: null, percent: '5.5' });
  });
});

describe('the requested QR', () => {
  it.each([
    ['Midtrans', midtrans],
    ['Xendit', xendit],
    ['without the national template', qrisOf(good)],
    ['in another order', qrisOf([...good.slice(0, 1), ...good.slice(1).toReversed()])],
    ['with decimals', withField('54', '150000.00')],
    ['with leading zeros', withField('54', '000150000.0')],
    ['with as many characters as an amount may have', withField('54', '0000000150000')],
  ])('is shown: %s', (_, text) => {
    expect(checkQris(text, live)).toMatchObject({ ok: true, parsed: true, qris: { amount: 150_000 } });
  });

  it('is shown: the public sample', () => {
    expect(checkQris(gopay, { ...live, amount: rupiah(789_000) })).toMatchObject({ ok: true, parsed: true });
  });

  it('is shown for every value of tag 01, because the amount protects the payer', () => {
    expect(checkQris(withField('01', '11'), live)).toMatchObject({ ok: true, qris: { isDynamic: false } });
    expect(checkQris(without('01'), live)).toMatchObject({ ok: true, qris: { isDynamic: false } });
  });
});

describe.each([
  ['live', live],
  ['test', test],
])('in %s mode a QR that can be read is refused', (_, request) => {
  it.each([
    ['a wrong checksum', xendit.replace(/4565$/, '4566'), 'crc', '4565', '4566'],
    ['a checksum in lower case', midtrans.replace(/8EA2$/, '8ea2'), 'crc', '8EA2', '8ea2'],
    ['a changed amount', xendit.replace('5406150000', '5406950000'), 'crc', expect.any(String), '4565'],
    ['another currency', withField('53', '840'), 'currency', '360', '840'],
    ['no currency', without('53'), 'currency', '360', null],
    ['another country', withField('58', 'SG'), 'country', 'ID', 'SG'],
    ['no country', without('58'), 'country', 'ID', null],
    ['another amount', withField('54', '150001'), 'amount', '150000', '150001'],
    ['a fraction', withField('54', '150000.50'), 'amount', '150000', '150000.50'],
    ['an exponent', withField('54', '15e4'), 'amount', '150000', '15e4'],
    ['an amount longer than QRIS allows', withField('54', '00000000150000'), 'amount', '150000', '00000000150000'],
    ['an empty amount', withField('54', ''), 'amount', '150000', ''],
    ['no amount: the payer would type one', staticQr, 'amount', '150000', null],
  ])('with %s', (_name, text, problem, expected, found) => {
    expect(checkQris(text, request)).toEqual({ ok: false, problem, expected, found });
  });
});

describe('text that is not a QR', () => {
  const samples: readonly (readonly [string, string])[] = [
    ["Xendit's sandbox", 'some-random-qr-string'],
    ['nothing', ''],
    ['a length past the end', xendit.replace('5911', '5999')],
    ['a text cut short', xendit.slice(0, -1)],
    ['a head cut short', '0002010'],
    ['something after the checksum', `${xendit}0`],
    ['a field after the checksum', `${xendit}640201`],
    ['no checksum', xendit.slice(0, -8)],
    ['only a checksum', '6304FFFF'],
    ['a long checksum', qrisOf(good).replace(/6304(....)$/, '6305$10')],
    ['a checksum that claims one byte more than there is', crcOver(`${qrisOf(good).slice(0, -8)}6305`)],
    ['a tag twice', qrisOf([...good, ['54', '1']])],
    ['the checksum twice', qrisOf([...good, ['63', 'ABCD']])],
    ['tag 00 second', qrisOf([...good.slice(1), ['00', '01']])],
    ['another format', qrisOf([['00', '02'], ...good.slice(1)])],
    ['a tag of letters', qrisOf([...good, ['A1', 'x']])],
    ['digits of another alphabet', xendit.replace('5911', '59１１')],
    ['a sign in the length', xendit.replace('5911', '59+1')],
    ['half of a surrogate pair', withField('59', 'Toko \ud83c')],
    ['a length that ends within a character', qrisOf(good).replace('5911Toko Contoh', '5911Toko Conto麺')],
    ['templates within templates, without end', '26992699'.repeat(60)],
    ['4 KiB', '0'.repeat(4_096)],
    ['1 MiB of well-formed fields', '0000'.repeat(262_144)],
    ['few characters, many bytes', '麺'.repeat(400)],
  ];

  it.each(samples)('is refused in live mode: %s', (_, text) => {
    expect(parseQris(text)).toBeNull();
    expect(checkQris(text, live)).toEqual({ ok: false, problem: 'unparseable', expected: 'EMV text', found: null });
  });

  it.each(samples)('is allowed in test mode, with parsed false: %s', (_, text) => {
    expect(checkQris(text, test)).toEqual({ ok: true, parsed: false });
  });

  it('may have 512 bytes and no more', () => {
    const fields = ['02', '03', '04', '05'].map((tag) => [tag, 'x'.repeat(99)] as const);
    const short = qrisOf([...good, ...fields]);
    const filled = qrisOf([...good, ...fields, ['06', 'x'.repeat(512 - short.length - 4)]]);
    expect(filled).toHaveLength(512);
    expect(checkQris(filled, live).ok).toBe(true);
    expect(parseQris(qrisOf([...good, ...fields, ['06', 'x'.repeat(513 - short.length - 4)]]))).toBeNull();
    const wide = ['02', '03', '04', '05', '06'].map((tag) => [tag, '麺'.repeat(33)] as const);
    expect(parseQris(qrisOf([...good, ...wide]))).toBeNull(); // the bytes count, not the characters
  });
});

describe('for every text', () => {
  it('one changed byte of a correct QR is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(midtrans, xendit), fc.nat(), fc.integer({ min: 1, max: 255 }), (text, position, flip) => {
        const bytes = Buffer.from(text);
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expect(checkQris(bytes.toString('latin1'), live).ok).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  it('nothing is thrown, and no random text is accepted', () => {
    const anyText = fc.oneof(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.stringMatching(/^000201[0-9]{0,80}6304[0-9A-F]{4}$/),
      fc.tuple(fc.nat(xendit.length), fc.nat(xendit.length)).map(([from, to]) => xendit.slice(0, from) + xendit.slice(to)),
    );
    fc.assert(
      fc.property(anyText, (text) => checkQris(text, live).ok === (text === xendit)),
      { numRuns: 10_000 },
    );
  });

  it('a correct QR with any values is accepted', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => Buffer.byteLength(text) <= 99 && text.isWellFormed());
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), value, value, (amount, name, city) => {
        const text = qrisOf([...good.slice(0, 4), ['59', name], ['54', `${amount}.00`], ['58', 'ID'], ['60', city]]);
        expect(checkQris(text, { amount: rupiah(amount), mode: 'live' })).toMatchObject({
          ok: true,
          parsed: true,
          qris: { merchantName: name },
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
