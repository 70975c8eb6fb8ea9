/**
 * The fields whose values may be kept and allowed, as paths of names: `refunds.refund_amount`. A list adds no name. The value of every other
 * field is hidden, because a provider may add a field tomorrow that names a payer.
 */
export type AllowedFields = ReadonlySet<string>;

/** What of one call may be kept. */
export interface CallEvidenceRules {
  request: AllowedFields;
  answer: AllowedFields;
}

/** What of the messages of one provider may be kept and shown as evidence. */
export interface EvidenceRules {
  /** By method and route: `GET /v2/{id}/status`. The bodies of a call that is not listed are hidden as a whole. */
  calls: Readonly<Record<string, CallEvidenceRules>>;
  webhook: AllowedFields;
}

export const allowed = (...fields: readonly (string | readonly string[])[]): AllowedFields => new Set(fields.flat());

/** The same fields inside another object: `data.status`. */
export const within = (name: string, fields: readonly string[]): string[] => fields.map((field) => `${name}.${field}`);
