import type { Locator } from 'playwright-core';
import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';

/** What a guest's camera reads from this part of the screen: decoded from its pixels. */
export async function scan(place: Locator): Promise<string | null> {
  const pixels = PNG.sync.read(await place.screenshot());
  try {
    return decodeQR(pixels);
  } catch {
    return null; // decodeQR throws when it finds no QR
  }
}
