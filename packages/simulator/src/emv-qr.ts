/** One EMV field: two digits of tag, two digits of length, the value. Lengths count bytes, so values must be ASCII. */
const field = (tag: string, value: string): string => `${tag}${String(value.length).padStart(2, '0')}${value}`;

// The same example shop at both providers. Source: providers.md 2.3 and 3.3, the sample QR texts.
const nationalMerchant = (nmid: string) => field('51', field('00', 'ID.CO.QRIS.WWW') + field('02', nmid) + field('03', 'UMI'));
const dynamic = field('00', '01') + field('01', '12');
const currencyRupiah = field('53', '360');
const category = field('52', '5812');
const merchantFields = field('58', 'ID') + field('59', 'Toko Contoh') + field('60', 'JAKARTA') + field('61', '12190');
const terminal = field('07', 'A01');

const goPayMerchant = field(
  '26',
  field('00', 'COM.GO-JEK.WWW') + field('01', '9360099900000000010') + field('02', 'G000000001') + field('03', 'UMI'),
);
const shopeeMerchant = field(
  '26',
  field('00', 'ID.CO.SHOPEE.WWW') + field('01', '936009180000000010') + field('02', 'S000000001') + field('03', 'UMI'),
);
const xenditMerchant = field(
  '26',
  field('00', 'CO.XENDIT.WWW') + field('01', '936009990000000008') + field('02', 'XND000000000001') + field('03', 'UMI'),
);

const midtransHead = (merchant: string) =>
  dynamic + merchant + nationalMerchant('ID1020000000001') + category + currencyRupiah + merchantFields;
const midtransHeads = { gopay: midtransHead(goPayMerchant), 'airpay shopee': midtransHead(shopeeMerchant) };
const xenditHead = dynamic + xenditMerchant + nationalMerchant('ID1020000000002') + category + currencyRupiah;

export type Acquirer = keyof typeof midtransHeads;

/** A QR text in Midtrans' format: the amount has two decimals and follows tag 61; `uuid` is in 62.50, where GoPay puts one. */
export function midtransQr(acquirer: Acquirer, amount: number, uuid: string): string {
  return withChecksum(midtransHeads[acquirer] + field('54', `${amount}.00`) + field('62', field('50', uuid) + terminal));
}

/**
 * A QR text in Xendit's format: the amount has no decimals and stands in tag order. Tag 62.05 holds 25 characters of the
 * reference: the last ones, because references differ at their end.
 */
export function xenditQr(amount: number, reference: string): string {
  const label = reference.replace(/[^\x20-\x7e]/g, '-').slice(-25);
  return withChecksum(xenditHead + field('54', String(amount)) + merchantFields + field('62', field('05', label) + terminal));
}

function withChecksum(text: string): string {
  const checked = `${text}6304`;
  return checked + crc16(checked).toString(16).toUpperCase().padStart(4, '0');
}

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** CRC-16/CCITT-FALSE over ASCII: polynomial 0x1021, initial value 0xFFFF, no reflection, no final XOR. Source: providers.md 4. */
export function crc16(text: string): number {
  let crc = 0xffff;
  for (let i = 0; i < text.length; i++) {
    crc = ((crc << 8) ^ (crcTable[((crc >> 8) ^ text.charCodeAt(i)) & 0xff] ?? 0)) & 0xffff;
  }
  return crc;
}
