import type { OperatorRole } from '@gateway/shared/runtime';

/** The roles in Indonesian. */
export const roleWords: Readonly<Record<OperatorRole, string>> = {
  viewer: 'pengamat',
  operator: 'petugas',
  approver: 'penyetuju',
  admin: 'admin',
};

/** The least role of each verb that is about one payment. */
export const verbRoles = {
  'payments check': 'operator',
  'payments cancel': 'operator',
  'refunds open': 'operator',
  'refunds approve': 'approver',
  'refunds refuse': 'approver',
  'refunds withdraw': 'operator',
  'discrepancies close': 'operator',
  'host-writes retry': 'operator',
  'host-writes close': 'operator',
  'webhooks replay': 'operator',
} as const satisfies Record<string, OperatorRole>;

/** Their names in Indonesian, as their pages have them. */
export const verbWords: Readonly<Record<keyof typeof verbRoles, string>> = {
  'payments check': 'tanya penyedia sekarang',
  'payments cancel': 'batalkan pembayaran',
  'refunds open': 'kembalikan dana',
  'refunds approve': 'setujui pengembalian',
  'refunds refuse': 'tolak pengembalian',
  'refunds withdraw': 'tarik kembali pengembalian',
  'discrepancies close': 'tutup selisih',
  'host-writes retry': 'coba lagi tulisan ke host',
  'host-writes close': 'tutup tulisan ke host',
  'webhooks replay': 'putar ulang webhook',
};
