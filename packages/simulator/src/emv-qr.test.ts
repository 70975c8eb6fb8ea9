import fc from 'fast-check';
import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';
import { crc16, midtransQr, xenditQr } from './emv-qr.ts';
import { qrImage } from './qr-image.ts';

/** CRC-16/CCITT-FALSE bit by bit: polynomial 0x1021, initial value 0xFFFF. Independent of the table under test. */
function crcByDefinition(text: string): number {
  let crc = 0xffff;
  for (const byte of Buffer.from(text, 'utf8')) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = ((crc >> 15) & 1) ^ ((byte >> bit) & 1);
      crc = (crc << 1) & 0xffff;
      if (feedback) crc ^= 0x1021;
    }
  }
  return crc;
}

function fieldsOf(text: string): [string, string][] {
  const fields: [string, string][] = [];
  for (let at = 0; at < text.length; ) {
    const length = Number(text.slice(at + 2, at + 4));
    fields.push([text.slice(at, at + 2), text.slice(at + 4, at + 4 + length)]);
    at += 4 + length;
  }
  return fields;
}

const anAmount = fc.integer({ min: 1, max: 10_000_000 });

describe('the checksum', () => {
  it('has the check value of CRC-16/CCITT-FALSE', () => {
    expect(crc16('123456789')).toBe(0x29b1);
  });

  it('agrees with the definition on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => crc16(text) === crcByDefinition(text)));
  });

  it('agrees with a public Midtrans sample', () => {
    const sample =
      '00020101021226620014COM.GO-JEK.WWW011993600914349052630340210G4905263030303UKE51440014ID.CO.QRIS.WWW0215AID0607336128660303UKE5204341453033605802ID5904Test6007BANDUNG6105402845409789000.0062475036c032f87c-f773-4619-aefa-675e1f06f9210703A016304';
    expect(crc16(sample).toString(16).toUpperCase()).toBe('A623');
  });
});

describe('a QR text', () => {
  it('equals the documented sample at Midtrans: the amount has decimals and follows the postal code', () => {
    expect(midtransQr('gopay', 150_000, '7b0f3f5e-5d6a-4c1b-9e1f-0a2b3c4d5e6f')).toBe(
      '00020101021226620014COM.GO-JEK.WWW011993600999000000000100210G0000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581253033605802ID5911Toko Contoh6007JAKARTA6105121905409150000.00624750367b0f3f5e-5d6a-4c1b-9e1f-0a2b3c4d5e6f0703A0163048EA2',
    );
  });

  it('equals the documented sample at Xendit: the amount has no decimals and stands in tag order', () => {
    expect(xenditQr(150_000, 'ORD-2026-000123-x1')).toBe(
      '00020101021226650013CO.XENDIT.WWW01189360099900000000080215XND0000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000020303UMI52045812530336054061500005802ID5911Toko Contoh6007JAKARTA61051219062290518ORD-2026-000123-x10703A0163044565',
    );
  });

  it('is well-formed for every amount and reference: complete fields, the amount, the checksum last, at most 512 bytes', () => {
    fc.assert(
      fc.property(anAmount, fc.string({ minLength: 1, maxLength: 255 }), (amount, reference) => {
        for (const text of [xenditQr(amount, reference), midtransQr('airpay shopee', amount, '7b0f3f5e-5d6a-4c1b-9e1f-0a2b3c4d5e6f')]) {
          const fields = fieldsOf(text);
          const values = new Map(fields);
          expect(fields.map(([tag, value]) => tag + String(value.length).padStart(2, '0') + value).join('')).toBe(text);
          expect(Number(values.get('54'))).toBe(amount);
          expect([values.get('53'), values.get('58')]).toEqual(['360', 'ID']);
          expect(fields.at(-1)).toEqual(['63', crcByDefinition(text.slice(0, -4)).toString(16).toUpperCase().padStart(4, '0')]);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(512);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a QR image', () => {
  it('scans to the QR text', () => {
    const text = midtransQr('gopay', 150_000, '7b0f3f5e-5d6a-4c1b-9e1f-0a2b3c4d5e6f');
    expect(decodeQR(PNG.sync.read(qrImage(text)))).toBe(text);
  });
});
