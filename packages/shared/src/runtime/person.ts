/**
 * The person behind an actor of the audit log: `cli budi` at the command line and `Budi` on a page are the same person. A refund is not
 * approved by the person who asked for it.
 */
export const personOf = (actor: string): string => actor.replace(/^cli /, '').toLowerCase();
