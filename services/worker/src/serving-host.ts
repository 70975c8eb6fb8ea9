import type { Host } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';

/** A host that serves, with our own handle on its database. */
export type ServingHost = Host<Database>;
