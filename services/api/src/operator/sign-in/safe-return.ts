/** Where a person goes afterwards: a path of the console, never another site. */
export const safeReturn = (to: unknown): string => (typeof to === 'string' && /^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(to) ? to : '/');
