import path from 'node:path';

/** The root folder of this checkout, from `src` and from `dist`. */
export const checkoutDir = path.resolve(import.meta.dirname, '../../..');
