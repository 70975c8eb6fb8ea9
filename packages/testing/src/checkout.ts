import path from 'node:path';

/** The root folder of this checkout: tests read its documents, compose file and host folders, and write to its `.cache`. */
export const checkoutDir = path.resolve(import.meta.dirname, '../../..');

/** The folders of the two reference hosts, `pos` and `erp`. */
export const hostsDir = path.join(checkoutDir, 'hosts');
