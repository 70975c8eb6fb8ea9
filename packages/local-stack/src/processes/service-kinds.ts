/** The kinds of process that are ours, in the order they are started; they stop the other way round. */
export const serviceKinds = ['simulator', 'notifier', 'worker', 'api'] as const;
export type ServiceKind = (typeof serviceKinds)[number];

/** Role → the TypeScript file that is run. */
export type Programs = Readonly<Record<ServiceKind, string>>;
