/** An unused port, for a test whose processes share one. */
export { freePort } from '@gateway/local-stack/ports';
