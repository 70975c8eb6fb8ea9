import manifest from '../../package.json' with { type: 'json' };

/** Names the sender of outgoing webhooks, with its version. */
export const userAgent = `qris-gateway/${manifest.version}`;
