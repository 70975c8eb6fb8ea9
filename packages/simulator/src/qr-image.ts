import { crc32, deflateSync } from 'node:zlib';
import { encodeQR } from 'qr';

const quietZone = 4; // white modules on each side, as the QR standard requires
const scale = 6; // pixels per module: large enough for a phone to scan from a screen

/**
 * A PNG of the text as a QR code with error correction level M. The PNG is written here, with one bit per pixel, because a
 * general PNG library takes fifty times as long as encoding the QR code.
 */
export function qrImage(text: string): Buffer {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: quietZone });
  const width = modules.length * scale;
  const rows = modules.flatMap((darkModules) => Array<Buffer>(scale).fill(rowOf(width, darkModules)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(width, 4);
  header[8] = 1; // one bit per pixel; with colour type 0 (greyscale) that is black and white
  return Buffer.concat([
    pngSignature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** One row of pixels: the filter type (0, none), then eight pixels per byte. A set bit is white. */
function rowOf(width: number, darkModules: readonly boolean[]): Buffer {
  const row = Buffer.alloc(1 + Math.ceil(width / 8));
  for (let x = 0; x < width; x++) {
    if (darkModules[Math.floor(x / scale)]) continue;
    row.writeUInt8(row.readUInt8(1 + (x >> 3)) | (0x80 >> (x & 7)), 1 + (x >> 3));
  }
  return row;
}

/** One PNG chunk: length, name, content, checksum. Source: PNG specification, "Chunk layout". */
function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'ascii'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
