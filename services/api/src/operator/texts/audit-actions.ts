import type { Language } from './texts.ts';

/** The actions of the audit log in Indonesian. In English an action is its own name. */
const indonesian: Readonly<Record<string, string>> = {
  'add-account': 'tambah akun',
  'approve-refund': 'setujui pengembalian',
  'cancel-payment': 'batalkan pembayaran',
  'check-payment': 'tanya penyedia',
  'close-discrepancy': 'tutup selisih',
  'close-host-write': 'tutup tulisan ke host',
  'create-key': 'buat kunci',
  'disable-account': 'nonaktifkan akun',
  'enable-account': 'aktifkan akun',
  'find-refund': 'pengembalian ditemukan',
  hold: 'tahan penyedia',
  'open-refund': 'minta pengembalian',
  'prove-account': 'buktikan akun',
  'refuse-refund': 'tolak pengembalian',
  release: 'lepas penahanan',
  'repeat-refund': 'minta pengembalian lagi',
  'replay-webhooks': 'putar ulang webhook',
  'reseal-account': 'segel ulang akun',
  'retry-host-write': 'coba lagi tulisan ke host',
  'revoke-key': 'cabut kunci',
  'rotate-account': 'ganti rahasia akun',
  'rotate-key': 'ganti rahasia kunci',
  'set-store': 'atur gerai',
  'withdraw-refund': 'tarik kembali pengembalian',
};

export const nameOfAction = (action: string, lang: Language): string =>
  (lang === 'id' ? indonesian[action] : undefined) ?? action.replaceAll('-', ' ');
