/** What must be true of the books, whatever happened: each has a file of its own. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9';

export const invariants: Readonly<Record<Invariant, string>> = {
  I1: 'what was paid is recorded, and what is recorded was paid',
  I2: 'money that no order took goes back, or a person knows of it',
  I3: 'one QR of an order may be scanned at a time, for what was due',
  I4: 'every change of a payment is in the table, and was told',
  I5: "the host's books say what ours say",
  I6: 'the kitchen hears of each order once, and no event of a store is missing',
  I7: 'every genuine webhook about us is kept, and comes to an end',
  I8: 'nothing waits that nobody will look at again',
  I9: 'never more goes back than was paid',
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
