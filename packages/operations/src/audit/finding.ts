/** The invariants that the audit checks. Each has its own file. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9';

export const invariants: Readonly<Record<Invariant, string>> = {
  I1: 'what was paid is recorded, and what is recorded was paid',
  I2: 'money that no order accepted is refunded, or an operator knows of it',
  I3: 'at most one QR of an order is displayable at a time, for the amount due',
  I4: 'every status change is in the lifecycle table and has its event',
  I5: "the host's records agree with ours",
  I6: 'each order is released once, and no event of a store is missing',
  I7: 'every genuine webhook for us is stored and concluded',
  I8: 'every unfinished row has a time at which it is retried',
  I9: 'never more is refunded than was paid',
};

/** One place where records disagree with each other or with a rule. */
export interface Finding {
  invariant: Invariant;
  /** The rule of the invariant that is violated. */
  rule: string;
  /** The id of a payment, refund or store, or the reference of an attempt. */
  about: string;
  ours: string | null;
  theirs: string | null;
  /** `waiting`: not finished yet, and retried automatically. `broken`: an operator must act. */
  state: 'broken' | 'waiting';
}
