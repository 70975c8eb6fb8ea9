/** The services in the order of their start. They stop in the reverse order. */
export const serviceKinds = ['simulator', 'notifier', 'worker', 'api'] as const;
export type ServiceKind = (typeof serviceKinds)[number];

/** Kind → the TypeScript file that is run. */
export type Programs = Readonly<Record<ServiceKind, string>>;
