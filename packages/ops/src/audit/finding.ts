/** What must be true of the books, whatever happened: each has a file of its own. */
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

/** One place where the books do not agree with each other or with the rules. */
export interface Finding {
  invariant: Invariant;
  /** Which of its rules. */
  rule: string;
  /** A payment, an attempt's reference, a refund or a store. */
  about: string;
  ours: string | null;
  theirs: string | null;
  /** `waiting`: not at its end yet, and somebody will look again by itself. `broken`: a person has to look. */
  state: 'broken' | 'waiting';
}
