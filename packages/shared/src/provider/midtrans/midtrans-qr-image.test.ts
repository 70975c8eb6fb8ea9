import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { readQrImage } from './midtrans-qr-image.ts';

/** A PNG with this header, whatever its pixels are. */
function pngOf(width: number, height: number, { interlaced = false, pixels = Buffer.alloc(0) } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, interlaced ? 1 : 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

const blank = new PNG({ width: 40, height: 40 });

it.each([
  ['nothing', Buffer.alloc(0)],
  ['HTML', Buffer.from('<html>not found, and long enough to be a picture</html>')],
  ['the first bytes of a PNG', pngOf(10, 10).subarray(0, 20)],
  ['a truncated PNG', PNG.sync.write(blank).subarray(0, 60)],
  ['a PNG with fewer pixels than its header states', pngOf(300, 300)],
  ['a PNG without a QR', PNG.sync.write(blank)],
  ['a PNG of width 0', pngOf(0, 0)],
  ['a PNG that states an enormous size', pngOf(100_000, 100_000)],
  ['an interlaced PNG, which would be unpacked without a limit', pngOf(10, 10, { interlaced: true, pixels: Buffer.alloc(50_000_000) })],
  ['a PNG of 10 by 10 with 50 MB of pixels', pngOf(10, 10, { pixels: Buffer.alloc(50_000_000) })],
])('reads no text from %s', (_what, bytes) => {
  expect(readQrImage(bytes)).toBeNull();
});
