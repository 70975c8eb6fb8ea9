import type {
  AttemptStatus,
  ChargeStatus,
  DiscrepancyReason,
  LateMoney,
  PaymentStatus,
  RefundCause,
  RefundDecision,
  RefundFailure,
  RefundStatus,
} from '@gateway/shared/payment';
import type { hostWrites, webhookInbox } from '@gateway/shared/store';
import type { Words } from './words.ts';

/** The words that rows have for states and reasons. */
type Code =
  | AttemptStatus
  | ChargeStatus
  | DiscrepancyReason
  | LateMoney
  | PaymentStatus
  | RefundCause
  | RefundDecision
  | RefundFailure
  | RefundStatus
  | hostWrites.HostStep
  | webhookInbox.WebhookVerdict;

/** In Indonesian. A missing one does not compile. */
const indonesian: Readonly<Record<Code, string>> = {
  // states
  created: 'disiapkan',
  pending: 'menunggu',
  paid: 'lunas',
  expired: 'kedaluwarsa',
  cancelled: 'dibatalkan',
  failed: 'gagal',
  partially_refunded: 'dikembalikan sebagian',
  refunded: 'dikembalikan',
  sending: 'sedang dikirim',
  open: 'terbuka',
  rejected: 'ditolak',
  unknown: 'tidak diketahui',
  absent: 'tidak ada di penyedia',
  succeeded: 'berhasil',
  approved: 'disetujui',
  refused: 'ditolak',
  withdrawn: 'ditarik kembali',
  // verdicts on webhooks
  applied: 'diterapkan',
  duplicate: 'ganda',
  stale: 'usang',
  not_ours: 'bukan milik kita',
  parked: 'tertahan',
  contradicted: 'dibantah penyedia',
  unknown_charge: 'tagihan tidak dikenal',
  unreachable: 'penyedia tidak terjangkau',
  // reasons of discrepancies
  overpaid: 'kelebihan bayar',
  underpaid: 'kurang bayar',
  host_refused: 'host menolak mencatat',
  paid_unconfirmed: 'lunas belum terkonfirmasi',
  paid_though_never_shown: 'dibayar tanpa pernah ditampilkan',
  provider_contradicts: 'penyedia membantah',
  unresolved_attempt: 'percobaan belum jelas hasilnya',
  late_money_held: 'uang terlambat ditahan',
  refund_failed: 'pengembalian gagal',
  refund_unconfirmed: 'pengembalian belum terkonfirmasi',
  host_refused_refund: 'host menolak mencatat pengembalian',
  host_not_told: 'host belum diberi tahu',
  account_not_configured: 'akun tidak dikonfigurasi',
  qr_unparseable: 'QR tidak terbaca',
  qr_crc: 'QR rusak (CRC)',
  qr_currency: 'QR bukan rupiah',
  qr_country: 'QR negara lain',
  qr_amount: 'jumlah di QR berbeda',
  // causes and failures of refunds
  client: 'diminta kasir',
  late: 'uang terlambat',
  operator: 'diminta petugas',
  refund_window_over: 'batas waktu pengembalian lewat',
  issuer_not_refundable: 'aplikasi tamu tidak menerima pengembalian',
  partial_refund_not_supported: 'pengembalian sebagian tidak bisa',
  refund_not_possible_yet: 'belum bisa dikembalikan',
  refund_not_supported: 'pengembalian tidak didukung',
  refund_amount_exceeded: 'melebihi sisa',
  partial_refund_counts_exceeded: 'terlalu banyak pengembalian sebagian',
  insufficient_balance: 'saldo tidak cukup',
  not_refundable: 'tidak dapat dikembalikan',
  not_found: 'tidak ditemukan',
  denied_by_bank: 'ditolak bank',
  account_blocked: 'akun diblokir',
  account_not_found: 'akun tidak ditemukan',
  not_approved: 'tidak disetujui',
  // what happens to late money
  accept: 'terima',
  refund: 'kembalikan',
  hold: 'tanya petugas',
};

/** A code for people: the command line prints it as programs read it. A code that a newer version writes is shown as it is. */
export const codeWords = (code: string): Words => ({
  en: code,
  id: (indonesian as Readonly<Record<string, string>>)[code] ?? code.replaceAll('_', ' '),
});
