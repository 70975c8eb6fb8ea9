import type { Words } from '../words.ts';

/** The invariants that the audit checks. Each has its own file. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9';

export const invariants: Readonly<Record<Invariant, Words>> = {
  I1: { en: 'what was paid is recorded, and what is recorded was paid', id: 'yang dibayar tercatat, dan yang tercatat memang dibayar' },
  I2: {
    en: 'money that no order accepted is refunded, or an operator knows of it',
    id: 'uang yang tidak diterima pesanan mana pun dikembalikan, atau diketahui petugas',
  },
  I3: {
    en: 'at most one QR of an order is displayable at a time, for the amount due',
    id: 'paling banyak satu QR satu pesanan dapat ditampilkan, untuk jumlah yang terutang',
  },
  I4: {
    en: 'every status change is in the lifecycle table and has its event',
    id: 'setiap perubahan status ada di tabel siklus hidup dan punya event',
  },
  I5: { en: "the host's records agree with ours", id: 'catatan host sama dengan catatan kita' },
  I6: {
    en: 'each order is released once, and no event of a store is missing',
    id: 'setiap pesanan diteruskan sekali, dan tidak ada event gerai yang hilang',
  },
  I7: { en: 'every genuine webhook for us is stored and concluded', id: 'setiap webhook asli untuk kita tersimpan dan selesai' },
  I8: { en: 'every unfinished row has a time at which it is retried', id: 'setiap baris yang belum selesai punya waktu dicoba lagi' },
  I9: { en: 'never more is refunded than was paid', id: 'yang dikembalikan tidak pernah melebihi yang dibayar' },
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
