import type { Locator } from 'playwright-core';
import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';

/** Decodes the QR in a screenshot of the element, as a guest's camera would. Null: no readable QR. */
export async function scan(place: Locator): Promise<string | null> {
  const pixels = PNG.sync.read(await place.screenshot());
  try {
    return decodeQR(pixels);
  } catch {
    return null; // decodeQR throws when it finds no QR
  }
}
