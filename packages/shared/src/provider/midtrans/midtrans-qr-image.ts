import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const maxSidePx = 2_000; // at four bytes a pixel: 16 MB

/**
 * The text of the QR in this PNG, or null. The stated size is checked before anything is unpacked. An interlaced PNG is refused,
 * because pngjs unpacks it without a limit.
 */
export function readQrImage(bytes: Buffer): string | null {
  if (!isSafePng(bytes)) return null;
  try {
    return decodeQR(PNG.sync.read(bytes)) || null;
  } catch {
    return null; // a damaged PNG, or one without a readable QR
  }
}

// The first chunk of every PNG is IHDR: width at byte 16, height at 20, interlacing at 28.
function isSafePng(bytes: Buffer): boolean {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(signature) || bytes.toString('latin1', 12, 16) !== 'IHDR') return false;
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  return width > 0 && height > 0 && width <= maxSidePx && height <= maxSidePx && bytes[28] === 0;
}
