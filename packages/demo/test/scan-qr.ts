import jsqr from 'jsqr';
import type { Locator } from 'playwright-core';
import { PNG } from 'pngjs';

/** What a guest's camera reads from this part of the screen: decoded from its pixels. */
export async function scan(place: Locator): Promise<string | null> {
  const { data, width, height } = PNG.sync.read(await place.screenshot());
  return jsqr.default(new Uint8ClampedArray(data), width, height, { inversionAttempts: 'dontInvert' })?.data ?? null;
}
