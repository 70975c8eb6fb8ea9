/** The kinds of process that are ours, in the order they are started; they stop the other way round. */
export const roles = ['simulator', 'notifier', 'worker', 'api'] as const;
export type Role = (typeof roles)[number];

/** Role → the TypeScript file that is run. */
export type Programs = Readonly<Record<Role, string>>;
